package browser

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// missing is a page that is not there, which Chromium complains of.
const missing = "/nothing"

// A visitor is a Chromium that looks at a server.
type visitor struct {
	t   *testing.T
	ctx context.Context
	url string
	axe string

	mu      sync.Mutex
	console []string // errors
}

func visit(t *testing.T, chromium, url string) *visitor {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	v := &visitor{t: t, ctx: ctx, url: url, axe: readAxe(t)}
	v.do("begin", chromedp.Navigate("about:blank"))
	must(t, chromedp.Listen(ctx, v.hear))
	_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	must(t, err)
	return v
}

func readAxe(t *testing.T) string {
	t.Helper()
	file, err := os.Open("testdata/axe/axe-4.14.1.min.js.gz")
	must(t, err)
	defer file.Close()
	packed, err := gzip.NewReader(file)
	must(t, err)
	text, err := io.ReadAll(packed)
	must(t, err)
	return string(text)
}

// hear keeps what a developer would see in red.
func (v *visitor) hear(event any) {
	var heard string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		heard = "exception: " + e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			heard = "console.error"
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" && !strings.HasSuffix(e.Entry.URL, missing) {
			heard = e.Entry.Text + " " + e.Entry.URL
		}
	}
	if heard != "" {
		v.mu.Lock()
		v.console = append(v.console, heard)
		v.mu.Unlock()
	}
}

// patience is how long anything may take to appear.
const patience = 40 * time.Second

func (v *visitor) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx := v.ctx
	if what != "begin" { // whose context the browser lives as long as
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, patience)
		defer stop()
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.t.Fatalf("%s: %v\n%s", what, err, v.text())
	}
}

func evaluate[T any](v *visitor, script string) T {
	v.t.Helper()
	ctx, stop := context.WithTimeout(v.ctx, patience)
	defer stop()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatalf("%.100s: %v", script, err)
	}
	return got
}

func (v *visitor) text() string {
	got, err := chromedp.Run(v.ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		return err.Error()
	}
	return got
}

func (v *visitor) open(path string) {
	v.t.Helper()
	v.leave("open "+path, chromedp.Navigate(v.url+path))
}

// login gives the operator's token to the page that asks for it.
func (v *visitor) login() {
	v.t.Helper()
	v.leave("the login", chromedp.SendKeys("#token", token+kb.Enter))
}

// leave takes a step that brings another page, and waits for that page: chromedp waits
// for a page to be loaded, which the one before may still be about to be.
func (v *visitor) leave(what string, step chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	evaluate[bool](v, "window.left = true")
	v.do(what, step)
	v.until("the page of "+what, arrived)
}

// arrived holds once a page that was marked as left is gone, and the next is whole.
const arrived = `!window.left && document.readyState === "complete"`

// click follows a link or presses a button by its text, and waits for the page that
// comes of it.
func (v *visitor) click(text string) {
	v.t.Helper()
	found := evaluate[bool](v, fmt.Sprintf(`(() => {
const it = [...document.querySelectorAll("a, button")].find(e => e.innerText.trim() === %q || e.ariaLabel === %q);
if (it) { window.left = true; setTimeout(() => it.click()); }
return !!it })()`, text, text))
	if !found {
		v.t.Fatalf("there is no %q on the page:\n%s", text, v.text())
	}
	v.until("a page after "+text, arrived)
}

// until waits for something to hold.
func (v *visitor) until(what, script string) {
	v.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		// Between two pages there is none to ask.
		if got, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](script)); err == nil && got {
			return
		}
	}
	v.t.Fatalf("%s: it does not come\n%s", what, v.text())
}

// reload loads the page again until its text has something.
func (v *visitor) reload(want string) {
	v.t.Helper()
	v.again(want, func(text string) bool { return strings.Contains(text, want) })
}

// again loads the page again until its text is as it should be.
func (v *visitor) again(what string, is func(text string) bool) {
	v.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if is(v.text()) {
			return
		}
		v.leave("load again", chromedp.Reload())
	}
	v.t.Fatalf("%q does not come:\n%s", what, v.text())
}

func (v *visitor) sees(wants ...string) {
	v.t.Helper()
	text := v.text()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			v.t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

// pages reads a campaign of 1,000 repositories by its pages and its search.
func (v *visitor) pages() {
	v.t.Helper()
	seen := map[string]bool{}
	for n := 1; ; n++ {
		for _, name := range evaluate[[]string](v, `[...document.querySelectorAll(".list tbody th")].map(e => e.innerText)`) {
			seen[name] = true
		}
		if !evaluate[bool](v, `!!document.querySelector("a[rel=next]")`) {
			break
		}
		if n > 100 {
			v.t.Fatal("the pages have no end")
		}
		v.click("Next")
	}
	if len(seen) != pastRepositories {
		v.t.Errorf("the pages show %d repositories", len(seen))
	}
	v.click("Previous")
	v.leave("the search", chromedp.SendKeys("#q", "ledger-017"+kb.Enter))
	v.until("what was searched for", `location.search.includes("ledger-017") && document.querySelectorAll(".list tbody th").length === 1`)
	v.leave("the search", chromedp.SendKeys("#q", "-and-no-more"+kb.Enter))
	v.until("that nothing was found", `document.body.innerText.includes("No repository matches")`)
	v.click("Show all")
}

// looks are the ways to look at a page.
var looks = []struct {
	name, scheme string
	width        int64
}{{"light", "light", 1280}, {"dark", "dark", 1280}, {"light-phone", "light", 390}, {"dark-phone", "dark", 390}}

// examine looks at the page in each way: what axe-core finds serious is an error,
// and so is a page that is wider than the screen. With DRYDOCK_SCREENSHOTS it is
// kept there.
func (v *visitor) examine(name string) {
	v.t.Helper()
	for _, look := range looks {
		_, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: look.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		must(v.t, err)
		v.do("resize", chromedp.EmulateViewport(look.width, 800))
		var found struct {
			Violations []struct {
				ID, Impact, Help string
				Nodes            []struct{ HTML, FailureSummary string }
			}
		}
		text := evaluate[string](v, v.axe+`; axe.run(document, {resultTypes: ["violations"]}).then(found => JSON.stringify(found))`)
		must(v.t, json.Unmarshal([]byte(text), &found))
		for _, one := range found.Violations {
			if one.Impact != "serious" && one.Impact != "critical" {
				v.t.Logf("%s, %s: %s (%s)", name, look.name, one.Help, one.Impact)
				continue
			}
			for _, n := range one.Nodes {
				v.t.Errorf("%s, %s: %s: %s\n%.300s\n%s", name, look.name, one.ID, one.Help, n.HTML, n.FailureSummary)
			}
		}
		if wide := evaluate[int](v, "document.documentElement.scrollWidth"); int64(wide) > look.width {
			v.t.Errorf("%s, %s: the page is %d wide", name, look.name, wide)
		}
		if dir := os.Getenv("DRYDOCK_SCREENSHOTS"); dir != "" {
			picture, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
			must(v.t, err)
			must(v.t, os.WriteFile(filepath.Join(dir, name+"-"+look.name+".png"), picture, 0o644))
		}
	}
	_, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	must(v.t, err)
	v.do("resize", chromedp.EmulateViewport(1280, 800))
}

// quiet reports what was heard in the console.
func (v *visitor) quiet() {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, heard := range v.console {
		v.t.Errorf("in the console: %s", heard)
	}
}
