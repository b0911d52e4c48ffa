// Package browser holds the dashboard to what people see: its tests drive "drydock
// serve" with Debian's Chromium over a folder of bare repositories, and ask axe-core
// (testdata/axe, from npm, under the MPL) about every page. "make dashboard" runs
// them; there is nothing else here.
package browser
