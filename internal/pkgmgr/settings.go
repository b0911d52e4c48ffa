package pkgmgr

import (
	"slices"
	"strings"
)

// settingVariables begin the names of the variables that installs take settings from.
//
// Sources: the pages on configuration of pip, uv, Poetry, Pipenv, npm, Yarn, pnpm,
// Bundler, Composer, Cargo, Maven, Gradle, NuGet, git; requests, curl, OpenSSL and
// Node.js for where certificates are.
var settingVariables = []string{
	"PIP_", "UV_", "POETRY_", "PIPENV_", "NPM_CONFIG_", "npm_config_", "YARN_", "PNPM_", "BUNDLE_", "GEM", "COMPOSER", "CARGO_", "RUSTFLAGS",
	"GO", "MAVEN_", "MVN_", "GRADLE_", "JAVA_TOOL_OPTIONS", "NUGET_", "GIT_", "NETRC",
	"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_", "NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "RUBYOPT", "PHP_INI_SCAN_DIR",
}

// IsSetting reports whether a variable may hold a setting of a package manager for a
// language, or of what it runs.
func IsSetting(variable string) bool {
	return slices.ContainsFunc(settingVariables, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
}
