package facts

import "slices"

// npmNeeds are packages of npm that need something of the system at run time,
// sorted by name.
//
// Not here: what brings its own libraries, prebuilt or compiled in (sharp, canvas,
// bcrypt, sqlite3, better-sqlite3, argon2, re2, libxmljs, couchbase), and what
// needs a program that no full image has (wkhtmltopdf, ffmpeg, tesseract).
//
// Sources: binding.gyp and the pages of each package; for Prisma "System
// requirements" of its documentation.
var npmNeeds = []NativeNeed{
	{Name: "@prisma/client", When: Always, Packages: []string{"openssl"}},
	{Name: "easyimage", When: Always, Packages: []string{"imagemagick"}},
	{Name: "find-process", When: Always, Packages: []string{"procps"}},
	{Name: "gm", When: Always, Packages: []string{"imagemagick"}},
	{Name: "imagemagick", When: Always, Packages: []string{"imagemagick"}},
	{Name: "imagemagick-convert", When: Always, Packages: []string{"imagemagick"}},
	{Name: "kerberos", When: Always, Dev: []string{"libkrb5-dev"}},
	{Name: "libpq", When: Always, Dev: []string{"libpq-dev"}},
	{Name: "node-rdkafka", When: Always, Dev: []string{"libssl-dev"}},
	{Name: "nodegit", When: Always, Dev: []string{"libcurl4-openssl-dev", "libkrb5-dev", "libssl-dev"}},
	{Name: "odbc", When: Always, Dev: []string{"unixodbc-dev"}},
	{Name: "pg-native", When: Always, Dev: []string{"libpq-dev"}},
	{Name: "ps-list", When: Always, Packages: []string{"procps"}},
	{Name: "ps-node", When: Always, Packages: []string{"procps"}},
	{Name: "python-shell", When: Always, Packages: []string{"python3"}},
	{Name: "simple-git", When: Always, Packages: []string{"git"}},
	{Name: "systeminformation", When: Always, Packages: []string{"procps"}},
}

// NpmNeed is what a package of npm needs of the system.
func NpmNeed(pkg string) (need NativeNeed, known bool) { return findNeed(npmNeeds, pkg) }

// browsers are packages of npm that drive a browser, which they download into a
// home or find installed, with dozens of libraries.
var browsers = map[string]bool{
	"puppeteer": true, "puppeteer-core": true, "playwright": true, "playwright-core": true, "playwright-chromium": true, "@playwright/test": true,
	"chrome-launcher": true, "chromium": true, "electron": true, "electron-prebuilt": true, "phantomjs": true, "phantomjs-prebuilt": true, "nightmare": true, "@sparticuz/chromium": true,
	"cypress": true, "html-pdf": true, "testcafe": true, "selenium-webdriver": true,
}

// DrivesBrowser reports whether a package of npm runs a browser.
func DrivesBrowser(pkg string) bool { return browsers[pkg] }

// plainNpm are programs of npm's that bring no code to compile, they or what they
// depend on; optional dependencies, without which they work, do not count. Sorted.
//
// Source: no binding.gyp in what "npm install --ignore-scripts --omit=optional"
// of each brings, looked at on 2026-11-26.
var plainNpm = []string{
	"coffeescript", "concurrently", "configurable-http-proxy", "cross-env", "express-generator", "forever", "grunt-cli", "gulp-cli", "http-server", "less",
	"mocha", "nodemon", "npm", "pm2", "pnpm", "rimraf", "serve", "ts-node", "typescript", "uglify-js", "yarn",
}

// IsPlainNpm reports whether a program of npm's is known to need no compiler when it
// is installed.
func IsPlainNpm(pkg string) bool {
	_, found := slices.BinarySearch(plainNpm, pkg)
	return found
}
