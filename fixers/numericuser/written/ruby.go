package written

import "strings"

// rubyRules: Ruby's File and FileUtils, and what Rails and its uploaders do.
//
// Sources: docs.ruby-lang.org (File, FileUtils, Logger); the config/puma.rb of "rails new";
// github.com/carrierwaveuploader/carrierwave; github.com/kreeti/kt-paperclip; shrinerb.com.
var rubyRules = []rule{
	{"File.open", rubyOpen}, {"File.write", rubyCall(occurrence.file)}, {"IO.write", rubyCall(occurrence.file)},
	{"FileUtils.", fileUtils}, {"include FileUtils", nil}, {"Dir.mkdir", rubyCall(occurrence.folder)}, {"Dir.chdir", nil}, {"Logger.new", rubyLogger}, {"pidfile", rubyPidfile},
	{"sqlite", nil}, {"PStore", nil}, {"system(", nil}, {"stdout_redirect", nil}, {"state_path", nil}, {"daemonize", nil}, {"setuid", nil}, {"/root", nil},
	{"mount_uploader", nil}, {"mount_base64_uploader", nil}, {"has_attached_file", nil}, {"Shrine", nil}, {"caches_page", nil}, {"docker.sock", nil},
}

// rubyCall is a rule for a method whose first argument names what it writes. One
// without parentheses is not read.
func rubyCall(room func(occurrence, string) verdict) func(occurrence) verdict {
	return func(o occurrence) verdict {
		o.end++
		if !strings.HasPrefix(o.text[o.end-1:], "(") {
			return no
		}
		return argument(0, room)(o)
	}
}

func rubyOpen(o occurrence) verdict {
	o.end++
	args := o.args()
	if !strings.HasPrefix(o.text[o.end-1:], "(") || len(args) == 0 {
		return no
	}
	switch reads, known := readsOnly(args, 1); {
	case !known:
		return no
	case reads:
		return harmless
	}
	return o.file(args[0])
}

func fileUtils(o occurrence) verdict {
	if name := "mkdir_p("; strings.HasPrefix(o.text[o.end:], name) {
		o.end += len(name)
		return argument(0, occurrence.folder)(o)
	}
	return no
}

// rubyLogger: a logger of the standard output writes no file.
func rubyLogger(o occurrence) verdict {
	rest := strings.TrimLeft(o.text[o.end:o.lineEnd()], "( ")
	for _, output := range []string{"STDOUT", "$stdout", "STDERR", "$stderr", "nil"} {
		if strings.HasPrefix(rest, output) {
			return harmless
		}
	}
	if !strings.HasPrefix(o.text[o.end:], "(") {
		return no
	}
	o.end++
	return argument(0, occurrence.file)(o)
}

// rubyPidfile: pidfile ENV.fetch("PIDFILE") { "tmp/pids/server.pid" }, as Rails makes it.
func rubyPidfile(o occurrence) verdict {
	if strings.Contains(o.text[o.end:o.lineEnd()], `"tmp/pids/`) {
		return o.folder(`"tmp/pids"`)
	}
	return no
}
