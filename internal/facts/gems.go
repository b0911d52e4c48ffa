package facts

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// rubyNeeds are gems that use system libraries or programs, sorted by name.
//
// Left out: gems that compile what they bundle (mini_racer, sassc, rugged,
// grpc, bcrypt, hiredis), and execjs, uglifier and terser, which want a
// JavaScript engine when assets are built, not when the application runs.
//
// Sources: each gem's README and extconf.rb; its platform gems on rubygems.org; what
// Debian's packages of gems depend on.
var rubyNeeds = []NativeNeed{
	{"cairo", Always, []string{"libcairo2-dev"}, nil},
	{"charlock_holmes", Always, []string{"libicu-dev"}, nil},
	{"curb", Always, []string{"libcurl4-openssl-dev"}, nil},
	{"do_mysql", Always, []string{"default-libmysqlclient-dev"}, nil},
	{"do_postgres", Always, []string{"libpq-dev"}, nil},
	{"do_sqlite3", Always, []string{"libsqlite3-dev"}, nil},
	{"dragonfly", Always, nil, []string{"imagemagick"}},
	{"ethon", Always, []string{"libcurl4-openssl-dev"}, nil}, // by FFI
	{"eventmachine", WhenBuilt, []string{"libssl-dev"}, nil},
	{"ffi", WhenBuilt, []string{"libffi-dev"}, nil},
	{"gssapi", Always, nil, []string{"libgssapi-krb5-2"}}, // by FFI
	{"idn-ruby", Always, []string{"libidn-dev"}, nil},
	{"kt-paperclip", Always, nil, []string{"file", "imagemagick"}},
	{"libxml-ruby", Always, []string{"libxml2-dev"}, nil},
	{"mini_magick", Always, nil, []string{"imagemagick"}},
	{"mysql", Always, []string{"default-libmysqlclient-dev"}, nil},
	{"mysql2", Always, []string{"default-libmysqlclient-dev"}, nil},
	{"nokogiri", WhenBuilt, []string{"libxml2-dev", "libxslt-dev"}, nil},
	{"paperclip", Always, nil, []string{"file", "imagemagick"}},
	{"patron", Always, []string{"libcurl4-openssl-dev"}, nil},
	{"pg", Always, []string{"libpq-dev"}, nil}, // precompiled only since 1.6
	{"puma", WhenBuilt, []string{"libssl-dev"}, nil},
	{"rgeo", Always, []string{"libgeos-dev"}, nil},
	{"rmagick", Always, []string{"libmagickwand-dev"}, nil},
	{"rtesseract", Always, nil, []string{"tesseract-ocr"}},
	{"ruby-filemagic", Always, []string{"libmagic-dev"}, nil},
	{"ruby-graphviz", Always, nil, []string{"graphviz"}},
	{"ruby-odbc", Always, []string{"unixodbc-dev"}, nil},
	{"ruby-vips", Always, []string{"libvips-dev"}, nil}, // by FFI
	{"sequel_pg", Always, []string{"libpq-dev"}, nil},
	{"snappy", WhenBuilt, []string{"libsnappy-dev"}, nil},
	{"sqlite3", WhenBuilt, []string{"libsqlite3-dev"}, nil},
	{"streamio-ffmpeg", Always, nil, []string{"ffmpeg"}},
	{"timfel-krb5-auth", Always, nil, []string{"libkrb5-3"}},
	{"tiny_tds", WhenBuilt, []string{"freetds-dev"}, nil},
	{"typhoeus", Always, []string{"libcurl4-openssl-dev"}, nil}, // by ethon
	{"tzinfo", Always, nil, []string{"tzdata"}},                 // but for the gem tzinfo-data; ruby's slim images have no tzdata
	{"webp-ffi", Always, []string{"libjpeg-dev", "libpng-dev", "libwebp-dev"}, nil},
	{"xmlhash", Always, []string{"libxml2-dev"}, nil},
}

// RubyNeed is what a gem needs of the system. known is false for gems outside
// the table, which is most, and does not mean that they need nothing.
func RubyNeed(gem string) (need NativeNeed, known bool) {
	return findNeed(rubyNeeds, gem)
}

// AnyGemNeeds is what a gem that nobody knows may link of the full images of Ruby, as
// packages to build with; the interpreter's own libraries are in the slim ones, too.
// Left out: ImageMagick, WebP and libevent, which of all known gems rmagick and webp-ffi
// alone link, and Kerberos, which cURL's and PostgreSQL's libraries depend on.
// Source: buildpackFull; what Debian's packages of gems depend on.
var AnyGemNeeds = []string{
	"default-libmysqlclient-dev", "libcurl4-openssl-dev", "libglib2.0-dev", "libjpeg-dev", "libmaxminddb-dev", "libpng-dev", "libpq-dev", "libsqlite3-dev",
	"libxml2-dev", "libxslt-dev",
}

// debgems.tsv.gz: gems that need nothing but Ruby, other gems and Debian's base image.
// Source: dists/<release>/main/binary-amd64/Packages.gz; the rule is in gen/gems.go.
//
//go:embed debgems.tsv.gz
var debgemsGzip []byte

var gemTable = sync.OnceValue(func() releaseTable { return decodeReleaseTable(debgemsGzip) })

// plainGems need nothing of the system, and are not packaged by Debian under the name
// that they have: those that Ruby ships (default and bundled gems,
// https://stdgems.org), and widely used ones that have no extension, or one without a
// library. Sorted.
var plainGems = []string{
	"addressable", "base64", "bigdecimal", "brakeman", "bundler", "cgi", "coffee-rails", "coffee-script", "concurrent-ruby", "csv", "date", "debug",
	"delegate", "did_you_mean", "digest", "drb", "email_address", "erb", "error_highlight", "etc", "execjs", "fcntl", "fiddle", "fileutils", "find", "forwardable",
	"getoptlong", "importmap-rails", "io-console", "io-nonblock", "io-wait", "ipaddr", "irb", "jsbundling-rails", "json", "logger", "matrix", "minitest",
	"mutex_m", "net-ftp", "net-http", "net-imap", "net-pop", "net-protocol", "net-smtp", "nkf", "observer", "open-uri", "open3", "openssl", "optparse",
	"ostruct", "parser", "pathname", "power_assert", "pp", "prettyprint", "prime", "prism", "pry", "pstore", "psych", "racc", "rack-session", "rackup",
	"rake", "rb-fsevent", "rb-readline", "rbs", "rdoc", "readline", "redis-client", "reline", "resolv", "resolv-replace", "rexml", "rinda", "rss",
	"rubocop", "rubocop-ast", "rubocop-performance", "rubocop-rails", "ruby-progressbar", "rubyzip", "safe_attributes", "securerandom", "set", "shellwords",
	"simplecov_json_formatter", "singleton", "solid_queue", "stimulus-rails", "stringio", "strscan", "syntax_suggest", "syslog", "tempfile", "terser",
	"test-unit", "time", "timeout", "tmpdir", "tsort", "turbo-rails", "typeprof", "tzinfo-data", "uglifier", "un", "unicorn", "uri", "warning", "wdm",
	"weakref", "yaml", "zeitwerk", "zlib",
}

// plainGemFamilies are the beginnings of the names of extensions of a gem that are
// written in Ruby alone, by the conventions of that gem.
var plainGemFamilies = []string{
	"active_", "aws-sdk-", "capistrano-", "devise-", "dry-", "factory_bot", "faraday-", "google-apis-", "guard-", "hanami-", "omniauth-", "rack-", "rails-", "rspec-", "rubocop-", "sidekiq-",
	"simplecov-", "sinatra-",
}

// IsPlainGem reports whether a gem is known to need nothing of the system beyond what
// Ruby's slim images have. Of one that is neither plain nor has a [RubyNeed] nothing
// is known.
func IsPlainGem(gem string) bool {
	if _, found := slices.BinarySearch(plainGems, gem); found {
		return true
	}
	if slices.ContainsFunc(plainGemFamilies, func(family string) bool { return strings.HasPrefix(gem, family) }) {
		return true
	}
	name := strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(gem))
	_, packaged := gemTable().row(strings.TrimSuffix(strings.TrimPrefix(name, "ruby-"), "-ruby"))
	return packaged
}
