package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/drydock-dev/drydock/internal/git/gittest"
)

// chromium is the program, in "make dashboard".
func chromium(t *testing.T) string {
	t.Helper()
	if os.Getenv("DRYDOCK_DASHBOARD") == "" {
		t.Skip("the browser is driven by: make dashboard")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("there is no chromium: apt-get install chromium")
	}
	return path
}

// TestEmptyDashboard: who begins is told what to do, with no campaign, with one that
// selects nothing, and with three repositories.
func TestEmptyDashboard(t *testing.T) {
	chromium := chromium(t)
	s := folder(t)
	s.start()
	v := visit(t, chromium, s.url)
	v.open("/")
	v.login()
	v.until("the campaigns", `location.pathname === "/"`)
	for name, what := range map[string]string{"": "No campaign yet", "failures": "Nothing has failed", "budget": "No limits yet", "audit": "No entry"} {
		v.open("/" + name)
		v.sees(what)
		v.examine("empty-" + name)
	}
	s.campaign("tidy-up", "match: ^nothing/, ")
	v.open("/")
	v.reload("tidy-up selects nothing")
	v.examine("none")
	for _, name := range []string{"shop", "billing", "search"} {
		s.repository(name, needsAll)
	}
	s.campaign("tidy-up", "match: ^never/, ")
	v.reload("none of 3 repositories passes")
	s.campaign("tidy-up", "")
	v.again("the campaign", func(text string) bool { return !strings.Contains(text, "No campaign yet") })
	v.click("tidy-up")
	v.again("three repositories", func(text string) bool { return strings.Count(text, "planned") > 3 })
	v.examine("three")
	v.quiet()
	s.stop()
}

// TestDashboard: an operator's day. A campaign is planned and started, its diff read,
// it is paused and resumed, and what failed is mended and retried.
func TestDashboard(t *testing.T) {
	chromium := chromium(t)
	s := folder(t)
	for i, name := range []string{"shop", "billing", "search", "ledger", "gateway", "mailer"} {
		s.repository(name, strings.Replace(needsAll, "curl", []string{"curl", "git", "wget", "jq", "nano", "make"}[i], 1))
	}
	s.repository("clean", fine)
	s.repository("broken", broken)
	s.campaign("numeric-users", "")
	must(t, os.WriteFile(filepath.Join(s.dir, "campaigns", "odd.yaml"), []byte("name: odd\nselekt: {}\n"), 0o600))
	s.past()
	s.start()
	v := visit(t, chromium, s.url)

	v.open("/campaigns/numeric-users")
	v.examine("login")
	v.login()
	v.until("the campaign, that was asked for", `location.pathname === "/campaigns/numeric-users"`)
	v.reload("failed")
	v.sees("planning", "acme/shop", "unterminated heredoc", "This is a plan")

	v.open("/")
	v.sees("numeric-users", `unknown key "selekt"`)
	v.do("the first stop of the tabulator", chromedp.KeyEvent(kb.Tab))
	if got := evaluate[string](v, "document.activeElement.innerText"); got != "Skip to the content" {
		t.Errorf("the first stop is %q", got)
	}
	v.click("numeric-users")
	v.click("acme/shop")
	v.sees("What is changed, and why", "Run as a numeric user", "USER 1001", "drydock/numeric-users")

	v.open("/campaigns/numeric-users")
	v.click("Start")
	v.sees("Start numeric-users?", "within the campaign's limits")
	v.examine("confirm")
	v.click("Start the campaign")
	v.sees("running")
	v.until("the page comes up to date by itself", `document.querySelector(".tabs") && [...document.querySelectorAll(".state.open")].length >= 6`)

	v.click("Pause")
	v.do("say why", chromedp.SendKeys("#reason", "the release is frozen"))
	v.click("Pause")
	v.sees("Paused by ann", "the release is frozen")
	v.click("Resume")
	if got := v.text(); strings.Contains(got, "the release is frozen") {
		t.Error("it is still paused")
	}

	gittest.Push(t, s.bare("broken"), "main", "mended", map[string]string{"Dockerfile": needsAll})
	v.open("/failures")
	v.sees("acme/broken", "unterminated heredoc")
	v.examine("failures")
	v.click("Retry acme/broken in numeric-users")
	v.again("a list without it", func(text string) bool { return !strings.Contains(text, "acme/broken") })

	gittest.Run(t, s.bare("shop"), "update-ref", "refs/heads/main", "drydock/numeric-users")
	v.open("/")
	v.examine("campaigns")
	v.open("/campaigns/numeric-users")
	v.reload("7 open")
	v.examine("campaign")
	v.open("/campaigns/numeric-users/changesets/acme/billing")
	v.sees("git", "Pull request #1")
	v.examine("changeset")
	for name, path := range map[string]string{"budget": "/budget", "audit": "/audit", "missing": missing} {
		v.open(path)
		v.examine(name)
	}
	v.open("/campaigns/slim-images")
	v.sees("712 of")
	v.examine("long")
	v.pages()
	v.open("/campaigns/slim-images/changesets/acme/" + strings.Repeat("w", 95))
	v.sees("The diff goes on", "Take it as a file")
	v.do("a phone", chromedp.EmulateViewport(390, 800)) // axe-core takes minutes over so many lines
	if wide := evaluate[int](v, "document.documentElement.scrollWidth"); wide > 390 {
		t.Errorf("a long diff makes the page %d wide", wide)
	}
	v.do("resize", chromedp.EmulateViewport(1280, 800))
	v.open("/campaigns/slim-images?state=declined")
	v.sees("the base image is private")
	v.open("/campaigns/slim-images?state=failed")
	v.sees("<b>‹U+202E›gnp.exe</b><script>alert(1)</script>")
	v.examine("hostile")
	v.open("/jobs/")
	v.until("River's view", `document.body.innerText.includes("Completed")`)
	// Its pages find the style that may be there, and nothing is refused.
	v.until("River's styles", `document.querySelectorAll("style").length === 1 && document.querySelector("style#_goober").sheet.cssRules.length > 3`)
	for _, page := range []string{"queues", "queues/default", "jobs/1", "workflows", "settings"} {
		v.open("/jobs/" + page)
		v.until("River's "+page, `document.body.innerText.length > 100`)
	}
	v.open("/")
	v.do("end the session", chromedp.Evaluate[chromedp.Void](`fetch("/logout", {method: "POST", body: new URLSearchParams(new FormData(document.querySelector("form.who")))}).then(() => undefined)`, chromedp.EvalAwaitPromise))
	v.until("a page that says that the session has ended", `document.querySelector("main .notice a")?.innerText === "Log in again"`)
	v.click("Log in again")
	v.login()
	v.until("the campaigns", `location.pathname === "/"`)
	v.open("/audit")
	v.sees("look again", "start", "pause", "resume", "open")
	v.click("Log out")
	v.sees("Log in to drydock")
	v.quiet()
	s.stop()
}
