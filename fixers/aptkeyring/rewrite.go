package aptkeyring

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/internal/edit"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/source"
)

// rewriteKey puts what keeps the key in place of apt-key.
func (c *change) rewriteKey(k *key) {
	c.reads = append(c.reads, k.inst.Span)
	if k.request != nil {
		c.askKeyServer(k)
		return
	}
	if k.file.Raw == "" && k.armored {
		c.downloadTo(k)
		return
	}
	var after string
	switch {
	case k.file.Raw == "":
		after = k.prefix() + "gpg --dearmor -o " + k.path
	case k.armored:
		after = k.prefix() + "cp " + k.file.Raw + " " + k.path
	default:
		after = k.prefix() + "gpg --dearmor -o " + k.path + " " + k.file.Raw
	}
	if k.instead != "" {
		cmd, i := k.cmd.Piped, k.wordOf(k.url)
		c.edits = append(c.edits, cmd.ReplaceWord(i, k.instead)...)
		c.edited(k.inst, cmd.Text(), strings.Replace(cmd.Text(), cmd.Words[i].Raw, k.instead, 1))
	}
	c.edits = append(c.edits, edit.Replace(k.cmd.Span, after))
	c.edited(k.inst, k.cmd.Text(), after)
}

// downloadTo lets the command in front of apt-key write the keyring itself.
func (c *change) downloadTo(k *key) {
	cmd := k.cmd.Piped
	d, _ := newDownload(k)
	after := d.text(cmd)
	c.edits = append(c.edits, edit.Replace(source.Span{Start: cmd.Span.End, End: k.cmd.Span.End}, d.tail))
	for _, w := range d.words {
		c.edits = append(c.edits, edit.Replace(cmd.Words[w.index].Span, w.text))
	}
	if prefix := k.prefix(); prefix != "" && cmd.Program() == 0 {
		c.edits = append(c.edits, edit.Insert(cmd.Span.Start, prefix))
		after = prefix + after
	}
	c.edited(k.inst, cmd.Text(), after)
	c.changes = append(c.changes, fix.Change{Kind: fix.DropCommand, Subject: k.cmd.Text()})
}

// A download is how a curl or wget that writes to its output writes to a file.
type download struct {
	words []newWord
	tail  string // behind the last word
}

type newWord struct {
	index int
	text  string
}

func (d download) text(cmd *shell.Command) string {
	var parts []string
	for _, a := range cmd.Assigns {
		parts = append(parts, a.Name+"="+a.Value.Raw)
	}
	for i, w := range cmd.Words {
		text := w.Raw
		for _, n := range d.words {
			if n.index == i {
				text = n.text
			}
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ") + d.tail
}

// newDownload reports false where more than a download stands in the pipe, or the
// download has options that are not known to be about something else than its
// output.
func newDownload(k *key) (download, bool) {
	cmd := k.cmd.Piped
	if cmd == nil || cmd.Piped != nil || len(k.cmd.Step.Commands) != 2 || len(cmd.Redirects) > 0 {
		return download{}, false // a substitution counts as a command too
	}
	if between := (source.Span{Start: cmd.Span.End, End: k.cmd.Span.End}); strings.Contains(k.inst.File().Slice(between), "#") {
		return download{}, false // a comment
	}
	name, _ := cmd.Runs()
	switch name {
	case "curl":
		return curlTo(cmd, k.path)
	case "wget":
		return wgetTo(cmd, k.path)
	}
	return download{}, false
}

// curlTo adds -o, and -f: apt-key refused an error page, and a file would hold it.
func curlTo(cmd *shell.Command, file string) (download, bool) {
	d := download{tail: " -o " + file}
	fails, cluster, addresses := false, -1, 0
	for i := cmd.Program() + 1; i < len(cmd.Words); i++ {
		value := cmd.Words[i].Value
		if strings.Contains(value, "://") {
			addresses++
		}
		if !cmd.Words[i].IsFlag() {
			continue
		}
		switch {
		case value == "--fail" || value == "--fail-with-body":
			fails = true
		case value == "--output" || value == "-O" || value == "--remote-name" || strings.HasPrefix(value, "--output="):
			return d, false
		case strings.HasPrefix(value, "--"):
		case strings.HasSuffix(value, "o") && isBare(value[1:len(value)-1]):
			if i+1 == len(cmd.Words) || cmd.Words[i+1].Value != "-" {
				return d, false
			}
			d.words, d.tail = append(d.words, newWord{i + 1, file}), ""
			fails = fails || strings.Contains(value, "f")
			if cluster < 0 && value != "-o" {
				cluster = i
			}
		case isBare(value[1:]):
			fails = fails || strings.Contains(value, "f")
			if cluster < 0 {
				cluster = i
			}
		case strings.ContainsAny(value, "oO"): // -Lo/dev/stdout
			return d, false
		}
	}
	if addresses > 1 {
		return d, false
	}
	if fails {
		return d, true
	}
	at, text := cmd.Program(), cmd.Words[cmd.Program()].Raw+" -f"
	if cluster >= 0 {
		at, text = cluster, "-f"+cmd.Words[cluster].Raw[1:]
	}
	d.words = append(d.words, newWord{at, text})
	return d, true
}

// isBare reports whether the letters are options of curl without a value.
func isBare(letters string) bool { return strings.Trim(letters, "fsSLkgvi#46") == "" }

// wgetTo replaces the - of -O.
func wgetTo(cmd *shell.Command, file string) (download, bool) {
	for i := cmd.Program() + 1; i < len(cmd.Words); i++ {
		switch value := cmd.Words[i].Value; {
		case value == "--output-document=-":
			return download{words: []newWord{{i, "--output-document=" + file}}}, true
		case strings.HasPrefix(value, "--") && value != "--output-document":
		case strings.HasPrefix(value, "-") && strings.HasSuffix(value, "O-"):
			return download{words: []newWord{{i, strings.TrimSuffix(value, "-") + " " + file}}}, true
		case (strings.HasPrefix(value, "-") && strings.HasSuffix(value, "O") || value == "--output-document") && i+1 < len(cmd.Words) && cmd.Words[i+1].Value == "-":
			return download{words: []newWord{{i + 1, file}}}, true
		}
	}
	return download{}, false
}

// rewriteLine makes a source line name its keyring.
func (c *change) rewriteLine(k *key, l *line) {
	keyring := k.path
	switch {
	case l.keyring != "":
		return
	case l.adds:
		c.writeSource(k, l)
		return
	case l.download != nil:
		echo := fmt.Sprintf("echo %q", l.source)
		c.edits = append(c.edits, edit.Replace(l.cmd.Span, echo+" > "+l.file))
		c.edited(l.inst, l.cmd.Text(), echo+" >"+l.file)
		return
	}
	w := l.cmd.Words[l.word]
	before, after := w.Raw, signed(w.Raw, keyring)
	f := l.inst.File()
	switch {
	case w.Value != "deb" && w.Value != "deb-src":
		c.edits = append(c.edits, edit.Replace(w.Span, signed(f.Slice(w.Span), keyring)))
	case l.word+1 < len(l.cmd.Words) && strings.HasPrefix(l.cmd.Words[l.word+1].Value, "["):
		option := l.cmd.Words[l.word+1]
		before, after = option.Raw, strings.Replace(option.Raw, "[", "[signed-by="+keyring+" ", 1)
		c.edits = append(c.edits, edit.Replace(option.Span, strings.Replace(f.Slice(option.Span), "[", "[signed-by="+keyring+" ", 1)))
	default:
		option := `"[signed-by=` + keyring + `]"`
		after = before + " " + option
		c.edits = append(c.edits, l.cmd.InsertWord(l.word, option)...)
	}
	text := l.cmd.Text()
	c.edited(l.inst, text, strings.Replace(text, before, after, 1))
}

// signed adds the option signed-by to every source line of a text.
func signed(text, keyring string) string {
	at := debs(text)
	for i := len(at) - 1; i >= 0; i-- {
		head, rest := text[:at[i]], text[at[i]:]
		space := strings.IndexByte(rest, ' ')
		tail := strings.TrimLeft(rest[space:], " \t\\\r\n")
		head += rest[:len(rest)-len(tail)]
		if options, address, ok := strings.Cut(tail, "]"); ok && strings.HasPrefix(tail, "[") {
			text = head + strings.TrimRight(options, " ") + " signed-by=" + keyring + "]" + address
			continue
		}
		text = head + "[signed-by=" + keyring + "] " + tail
	}
	return text
}
