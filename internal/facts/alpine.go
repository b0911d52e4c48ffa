package facts

// alpineRuntime are Alpine's -dev packages with the package of the library that
// each stands for, where its name is the same in every release: Alpine names
// libraries without their version.
//
// Left out, so that the -dev package itself stays, which brings its library:
//   - what was split, joined or renamed between releases: libwebp-dev,
//     imagemagick-dev, vips-dev, mariadb-dev and mysql-dev (before 3.8),
//     libmaxminddb-dev, libmemcached-dev, expat-dev;
//   - several libraries in packages of their own: boost-dev, protobuf-dev, gdal-dev,
//     libressl-dev, openssl-dev (libssl1.1, libssl3);
//   - headers of plug-ins and interpreters: php-dev, lua-dev, nodejs-dev.
//
// Source: https://pkgs.alpinelinux.org, the packages' origin and "install_if";
// the APKBUILD of each in https://gitlab.alpinelinux.org/alpine/aports.
var alpineRuntime = map[string]string{
	"bzip2-dev":         "libbz2",
	"cairo-dev":         "cairo",
	"curl-dev":          "libcurl",
	"cyrus-sasl-dev":    "libsasl",
	"file-dev":          "libmagic",
	"freetds-dev":       "freetds",
	"freetype-dev":      "freetype",
	"fribidi-dev":       "fribidi",
	"gdbm-dev":          "gdbm",
	"gdk-pixbuf-dev":    "gdk-pixbuf",
	"geos-dev":          "geos",
	"giflib-dev":        "giflib",
	"glib-dev":          "glib",
	"gmp-dev":           "gmp",
	"harfbuzz-dev":      "harfbuzz",
	"hiredis-dev":       "hiredis",
	"icu-dev":           "icu-libs",
	"jpeg-dev":          "libjpeg-turbo",
	"krb5-dev":          "krb5-libs",
	"lcms2-dev":         "lcms2",
	"libev-dev":         "libev",
	"libevent-dev":      "libevent",
	"libffi-dev":        "libffi",
	"libgit2-dev":       "libgit2",
	"libidn-dev":        "libidn",
	"libjpeg-turbo-dev": "libjpeg-turbo",
	"libpng-dev":        "libpng",
	"libpq-dev":         "libpq",
	"librdkafka-dev":    "librdkafka",
	"libsodium-dev":     "libsodium",
	"libssh2-dev":       "libssh2",
	"libuv-dev":         "libuv",
	"libxml2-dev":       "libxml2",
	"libxslt-dev":       "libxslt",
	"libzip-dev":        "libzip",
	"lz4-dev":           "lz4-libs",
	"ncurses-dev":       "ncurses-libs",
	"oniguruma-dev":     "oniguruma",
	"openblas-dev":      "openblas",
	"openjpeg-dev":      "openjpeg",
	"openldap-dev":      "libldap",
	"pango-dev":         "pango",
	"pcre-dev":          "pcre",
	"pcre2-dev":         "pcre2",
	"postgresql-dev":    "libpq",
	"rabbitmq-c-dev":    "rabbitmq-c",
	"readline-dev":      "readline",
	"snappy-dev":        "snappy",
	"sqlite-dev":        "sqlite-libs",
	"tcl-dev":           "tcl",
	"tiff-dev":          "tiff",
	"tk-dev":            "tk",
	"unixodbc-dev":      "unixodbc",
	"xmlsec-dev":        "xmlsec",
	"xz-dev":            "xz-libs",
	"yaml-dev":          "yaml",
	"zeromq-dev":        "libzmq",
	"zlib-dev":          "zlib",
	"zstd-dev":          "zstd-libs",
}

// AlpineRuntime is the package of the library that a -dev package of Alpine stands
// for, in any release. It is not known for what the table leaves out.
func AlpineRuntime(dev string) (pkg string, known bool) {
	pkg, known = alpineRuntime[dev]
	return pkg, known
}
