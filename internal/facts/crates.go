package facts

// crateNeeds are crates that link a library, sorted by name, and those named like
// them that bring it or need none. A crate named -sys that is not here may link
// anything.
//
// Sources: build.rs of each crate: which take the system's library where
// pkg-config finds it.
var crateNeeds = []NativeNeed{
	{Name: "alsa-sys", When: Always, Dev: []string{"libasound2-dev"}},
	{Name: "android-tzdata"},
	{Name: "aws-lc-fips-sys"},
	{Name: "aws-lc-sys"},
	{Name: "bzip2-sys", When: Always, Dev: []string{"libbz2-dev"}},
	{Name: "core-foundation-sys"},
	{Name: "curl-sys", When: Always, Dev: []string{"libcurl4-openssl-dev"}},
	{Name: "dirs-sys"},
	{Name: "fsevent-sys"},
	{Name: "inotify-sys"},
	{Name: "io-kit-sys"},
	{Name: "jemalloc-sys"},
	{Name: "js-sys"},
	{Name: "libgit2-sys"},
	{Name: "libmimalloc-sys"},
	{Name: "libnghttp2-sys"},
	{Name: "libsqlite3-sys", When: Always, Dev: []string{"libsqlite3-dev"}},
	{Name: "libssh2-sys", When: Always, Dev: []string{"libssh2-1-dev", "libssl-dev"}},
	{Name: "libz-sys", When: Always, Dev: []string{"zlib1g-dev"}},
	{Name: "linux-raw-sys"},
	{Name: "lzma-sys", When: Always, Dev: []string{"liblzma-dev"}},
	{Name: "mysqlclient-sys", When: Always, Dev: []string{"default-libmysqlclient-dev"}},
	{Name: "ndk-sys"},
	{Name: "openssl-sys", When: Always, Dev: []string{"libssl-dev"}},
	{Name: "pq-sys", When: Always, Dev: []string{"libpq-dev"}},
	{Name: "rdkafka-sys", When: Always, Dev: []string{"libssl-dev", "zlib1g-dev"}},
	{Name: "rustls-ffi"},
	{Name: "security-framework-sys"},
	{Name: "system-configuration-sys"},
	{Name: "tikv-jemalloc-sys"},
	{Name: "wasm-bindgen-sys"},
	{Name: "web-sys"},
	{Name: "winapi-i686-pc-windows-gnu"},
	{Name: "windows-sys"},
	{Name: "zstd-sys"},
}

// CrateNeed is what a crate needs of the system.
func CrateNeed(crate string) (need NativeNeed, known bool) { return findNeed(crateNeeds, crate) }
