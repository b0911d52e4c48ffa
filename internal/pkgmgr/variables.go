package pkgmgr

import "strings"

// variables are the beginnings of the names of variables that package managers
// and the compilers under them read. Sources: each tool's reference; for compilers,
// make's implicit rules and pkg-config(1).
var variables = []string{
	"PATH", "HOME", "LANG", "LC_", "LD_", "CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "MAKEFLAGS", "CMAKE_", "PKG_CONFIG", "LIBRARY_PATH", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH",
	"ACCEPT_EULA", "DEBIAN_", "APT_",
	"PIP_", "PYTHON", "UV_", "POETRY_", "PIPENV_", "VIRTUAL_ENV", "SETUPTOOLS_", "CONDA_", "MAMBA_",
	"NODE_", "NPM_", "npm_", "YARN_", "PNPM_", "COREPACK_", "CI", "PUPPETEER_", "PLAYWRIGHT_", "CYPRESS_", "SASS_",
	"BUNDLE", "GEM_", "RAILS_ENV", "RACK_ENV", "RUBY", "NOKOGIRI_", "SECRET_KEY_BASE",
	"GO", "CGO_", "CARGO_", "RUST", "COMPOSER_", "NUGET_", "DOTNET_", "MAVEN_", "GRADLE_", "JAVA_", "ORACLE_",
	"HTTP", "http", "NO_PROXY", "no_proxy", "FTP_", "SSL_", "CURL_", "REQUESTS_",
}

// ReadsVariable reports whether some install or build reads the environment
// variable name: it may come out otherwise under another value.
func ReadsVariable(name string) bool {
	for _, prefix := range variables {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
