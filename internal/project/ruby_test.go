package project

import "testing"

func TestBundler(t *testing.T) {
	bundle := func(c *Context) Manifests { return Bundler(c, ".", "") }
	gemfile := func(content string, more ...string) map[string]string {
		files := map[string]string{"Gemfile": content}
		for i := 0; i+1 < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	runManifestCases(t, []manifestCase{
		{"plain", gemfile("source 'https://h.example'\ngem 'rails', '~> 7' # path: 'x'\ngem \"x\", git: \"https://h.example/x.git\"\n", "Gemfile.lock", "GEM\n  remote: https://h.example/\n"),
			bundle, Manifests{Files: []string{"Gemfile", "Gemfile.lock"}}},
		{"ruby file:", gemfile("ruby file: '.ruby-version'\n", ".ruby-version", "3.3"), bundle, Manifests{Files: []string{"Gemfile", ".ruby-version"}}},
		{"ruby File.read", gemfile("ruby File.read('.ruby-version').strip\n", ".ruby-version", "3.3"), bundle, Manifests{Files: []string{"Gemfile", ".ruby-version"}}},
		{"ruby File.read of a joined path", gemfile("ruby File.read(File.join(__dir__, 'config', 'rv')).strip\n", "config/rv", "3.3"), bundle, Manifests{Files: []string{"Gemfile", "config/rv"}}},
		{"expand_path from __FILE__", gemfile("ruby File.read(File.expand_path('../.ruby-version', __FILE__)).chomp\n", ".ruby-version", ""), bundle, Manifests{Files: []string{"Gemfile", ".ruby-version"}}},
		{"an engine by path", gemfile("gem 'core', path: 'engines/core'\ngem 'x', :path => \"engines/x\"\n", "engines/core/core.gemspec", "", "engines/x/x.gemspec", ""),
			bundle, Manifests{Files: []string{"Gemfile"}, Dirs: []string{"engines/core", "engines/x"}}},
		{"a path block", gemfile("path 'components' do\n  gem 'a'\nend\n", "components/a/a.gemspec", ""), bundle, Manifests{Files: []string{"Gemfile"}, Dirs: []string{"components"}}},
		{"a computed path", gemfile("gem 'a', path: ENV['A']\n"), bundle, Manifests{Files: []string{"Gemfile"}, ReadsSource: "Gemfile:1: path is computed"}},
		{"gemspec", gemfile("source 'x'\ngemspec\n", "a.gemspec", ""), bundle,
			Manifests{Files: []string{"Gemfile", "a.gemspec"}, ReadsSource: "Gemfile:2: gemspec evaluates a.gemspec, which reads the gem's source"}},
		{"eval_gemfile", gemfile("eval_gemfile 'gems/dev.rb'\n", "gems/dev.rb", "gem 'x', path: '../x'\n", "x/x.gemspec", ""), bundle, Manifests{Files: []string{"Gemfile", "gems/dev.rb"}, Dirs: []string{"x"}}},
		{"a glob", gemfile("Dir.glob('*/Gemfile').each { |f| eval_gemfile f }\n"), bundle, Manifests{Files: []string{"Gemfile"}, ReadsSource: "Gemfile:1 calls Dir.glob"}},
		{"a computed file", gemfile("eval_gemfile \"#{x}.rb\"\n"), bundle, Manifests{Files: []string{"Gemfile"}, ReadsSource: "Gemfile:1: eval_gemfile opens a file whose name is computed"}},
		{"a file if it exists", gemfile("eval_gemfile 'Gemfile.local' if File.exist?('Gemfile.local')\n"), bundle, Manifests{Files: []string{"Gemfile"}}},
		{"a file that has to exist", gemfile("eval_gemfile 'gone.rb'\n"), bundle, Manifests{Files: []string{"Gemfile"}, Missing: []string{"gone.rb"}}},
		{"a command", gemfile("ruby `cat .ruby-version`\n"), bundle, Manifests{Files: []string{"Gemfile"}, ReadsSource: "Gemfile:1 runs a command"}},
		{"locked local gem", gemfile("gem 'x'\n", "Gemfile.lock", "PATH\n  remote: .\n  specs:\n"), bundle,
			Manifests{Files: []string{"Gemfile", "Gemfile.lock"}, ReadsSource: "Gemfile.lock: PATH names the project itself"}},
		{"cache and configuration", gemfile("gem 'x'\n", ".bundle/config", "", "vendor/cache/x.gem", ""), bundle, Manifests{Files: []string{"Gemfile", ".bundle/config"}, Dirs: []string{"vendor/cache"}}},
		{"require of a library", gemfile("require 'json'\ngem 'x', require: 'x/y'\n"), bundle, Manifests{Files: []string{"Gemfile"}}},
		{"another Gemfile", map[string]string{"gemfiles/a.gemfile": "gem 'x'", "gemfiles/a.gemfile.lock": ""},
			func(c *Context) Manifests { return Bundler(c, ".", "gemfiles/a.gemfile") }, Manifests{Files: []string{"gemfiles/a.gemfile", "gemfiles/a.gemfile.lock"}}},
		{"no Gemfile", map[string]string{"x": ""}, bundle, Manifests{Missing: []string{"Gemfile"}}},
		{"a Gemfile that evaluates itself", gemfile("eval_gemfile File.expand_path('Gemfile', __dir__)\n"), bundle, Manifests{Files: []string{"Gemfile"}}},
		{"comments and data", gemfile("=begin\ngemspec\n=end\ngem 'x'\n__END__\ngemspec\n"), bundle, Manifests{Files: []string{"Gemfile"}}},
	})
}
