package facts

// rubyNeeds are gems that use system libraries or programs, sorted by name.
//
// Left out: gems that compile what they bundle (mini_racer, sassc, rugged,
// grpc, bcrypt, hiredis), and execjs, uglifier and terser, which want a
// JavaScript engine when assets are built, not when the application runs.
//
// Sources: each gem's README and extconf.rb; its platform gems on rubygems.org.
var rubyNeeds = []NativeNeed{
	{"charlock_holmes", Always, []string{"libicu-dev"}, nil},
	{"curb", Always, []string{"libcurl4-openssl-dev"}, nil},
	{"ethon", Always, []string{"libcurl4-openssl-dev"}, nil}, // by FFI
	{"eventmachine", WhenBuilt, []string{"libssl-dev"}, nil},
	{"ffi", WhenBuilt, []string{"libffi-dev"}, nil},
	{"idn-ruby", Always, []string{"libidn-dev"}, nil},
	{"mini_magick", Always, nil, []string{"imagemagick"}},
	{"mysql2", Always, []string{"default-libmysqlclient-dev"}, nil},
	{"nokogiri", WhenBuilt, []string{"libxml2-dev", "libxslt1-dev"}, nil},
	{"pg", Always, []string{"libpq-dev"}, nil}, // precompiled only since 1.6
	{"puma", WhenBuilt, []string{"libssl-dev"}, nil},
	{"rgeo", Always, []string{"libgeos-dev"}, nil},
	{"rmagick", Always, []string{"libmagickwand-dev"}, nil},
	{"rtesseract", Always, nil, []string{"tesseract-ocr"}},
	{"ruby-filemagic", Always, []string{"libmagic-dev"}, nil},
	{"ruby-graphviz", Always, nil, []string{"graphviz"}},
	{"ruby-vips", Always, []string{"libvips-dev"}, nil}, // by FFI
	{"snappy", WhenBuilt, []string{"libsnappy-dev"}, nil},
	{"sqlite3", WhenBuilt, []string{"libsqlite3-dev"}, nil},
	{"streamio-ffmpeg", Always, nil, []string{"ffmpeg"}},
	{"tiny_tds", WhenBuilt, []string{"freetds-dev"}, nil},
	{"typhoeus", Always, []string{"libcurl4-openssl-dev"}, nil}, // by ethon
	{"tzinfo", Always, nil, []string{"tzdata"}},                 // but for the gem tzinfo-data; ruby's slim images have no tzdata
}

// RubyNeed is what a gem needs of the system. known is false for gems outside
// the table, which is most, and does not mean that they need nothing.
func RubyNeed(gem string) (need NativeNeed, known bool) {
	return findNeed(rubyNeeds, gem)
}
