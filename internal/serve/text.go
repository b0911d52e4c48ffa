package serve

import (
	"fmt"
	"html/template"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// functions are what templates call.
var functions = template.FuncMap{
	"plain":         plain,
	"brief":         brief,
	"ago":           func(t time.Time) string { return ago(time.Now(), t) },
	"moment":        func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") },
	"stamp":         func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"link":          link,
	"short":         short,
	"shortened":     shortened,
	"class":         func(s store.State) string { return strings.ReplaceAll(string(s), " ", "-") },
	"many":          many,
	"campaignPath":  func(name string) string { return "/campaigns/" + url.PathEscape(name) },
	"changesetPath": func(campaign, repository string) string { return under(campaign, "changesets", repository) },
	"retryPath":     func(campaign, repository string) string { return under(campaign, "retry", repository) },
	"diffPath":      func(campaign, repository string) string { return under(campaign, "diff", repository) },
}

// short is as much of a hash as people compare.
func short(sha string) string { return sha[:min(len(sha), 10)] }

var wholeHash = regexp.MustCompile(`\b[0-9a-f]{40,64}\b`)

// shortened is a text with short hashes. The audit log's export has the whole ones.
func shortened(text string) string { return wholeHash.ReplaceAllStringFunc(text, short) }

// under gives the path of something of a repository in a campaign.
func under(campaign, what, repository string) string {
	parts := strings.Split(repository, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return "/campaigns/" + url.PathEscape(campaign) + "/" + what + "/" + strings.Join(parts, "/")
}

// plain shows the characters of a text that have no picture of their own, or that
// change the order in which others are read (https://trojansource.codes), by their
// numbers. Tabs and line feeds stay.
func plain(text string) string {
	if strings.IndexFunc(text, steers) < 0 {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if steers(r) {
			fmt.Fprintf(&out, "‹U+%04X›", r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// longestInList bounds a text in a list, in characters. The whole of it is on the
// page of its own.
const longestInList = 200

// brief is the plain start of a text.
func brief(text string) string {
	if runes := []rune(text); len(runes) > longestInList {
		text = string(runes[:longestInList]) + "…"
	}
	return plain(text)
}

func steers(r rune) bool {
	return r != '\t' && r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
}

// link gives an address that a forge told, or "" if it is none of the web's.
func link(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// ago tells how long ago, or how far ahead, a time is.
func ago(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	form := "%s ago"
	if d < 0 {
		d, form = -d, "in %s"
	}
	switch {
	case d < 5*time.Second:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf(form, many(int(d.Seconds()), "second"))
	case d < time.Hour:
		return fmt.Sprintf(form, many(int(d.Minutes()), "minute"))
	case d < 48*time.Hour:
		return fmt.Sprintf(form, many(int(d.Hours()), "hour"))
	}
	return fmt.Sprintf(form, many(int(d.Hours()/24), "day"))
}

// many counts things: "1 repository", "2 repositories".
func many(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if before, ok := strings.CutSuffix(thing, "y"); ok && !strings.HasSuffix(thing, "day") {
		return fmt.Sprintf("%d %sies", n, before)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
