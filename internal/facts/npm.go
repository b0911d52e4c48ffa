package facts

import (
	"slices"
	"strings"
)

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
	"@angular/cli", "@ionic/cli", "@nestjs/cli", "@yarnpkg/cli-dist", "bower", "coffeescript", "concurrently", "configurable-http-proxy", "corepack", "cross-env", "dotenv-cli",
	"express-generator", "firebase-tools", "forever", "grunt-cli", "gulp", "gulp-cli", "http-server", "lerna", "less", "mocha", "node-gyp", "nodemon", "npm", "npm-run-all", "nx",
	"pm2", "pnpm", "rimraf", "sass", "serve", "ts-node", "tsc-watch", "tsx", "turbo", "typescript", "uglify-js", "vite", "webpack", "webpack-cli", "yarn",
}

// IsPlainNpm reports whether a program of npm's is known to need no compiler when it
// is installed.
func IsPlainNpm(pkg string) bool {
	_, found := slices.BinarySearch(plainNpm, pkg)
	return found
}

// npmPrograms are what packages of npm call their programs, where that is not their
// own name.
//
// Source: "bin" in the package.json of each, looked at on 2026-11-26.
var npmPrograms = map[string][]string{
	"@angular/cli": {"ng"}, "@ionic/cli": {"ionic"}, "@nestjs/cli": {"nest"}, "@yarnpkg/cli-dist": {"yarn", "yarnpkg"}, "coffeescript": {"coffee", "cake"},
	"corepack": {"corepack", "pnpm", "pnpx", "yarn", "yarnpkg"}, "dotenv-cli": {"dotenv"}, "express-generator": {"express"}, "firebase-tools": {"firebase"}, "grunt-cli": {"grunt"},
	"gulp-cli": {"gulp"}, "less": {"lessc"}, "npm": {"npm", "npx"}, "npm-run-all": {"npm-run-all", "run-p", "run-s"}, "pm2": {"pm2", "pm2-dev", "pm2-docker", "pm2-runtime"},
	"pnpm": {"pnpm", "pnpx"}, "typescript": {"tsc", "tsserver"}, "webpack-cli": {"webpack", "webpack-cli"}, "yarn": {"yarn", "yarnpkg"},
}

// NpmPrograms are the names of the programs that a package of npm brings: as far as is
// known that of the package.
func NpmPrograms(pkg string) []string {
	if programs, known := npmPrograms[pkg]; known {
		return programs
	}
	return []string{pkg[strings.LastIndexByte(pkg, '/')+1:]}
}
