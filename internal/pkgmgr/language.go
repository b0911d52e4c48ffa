package pkgmgr

// pip: pip.pypa.io/en/stable/cli.
var pip = &Manager{
	Name:     "pip",
	Programs: []string{"pip"},
	Verbs: map[string]Action{
		"install": Install, "wheel": Other, "download": Other, "uninstall": Remove, "cache purge": Clean,
		"freeze": Other, "list": Other, "show": Other, "check": Other, "config set": Other, "config": Other, "--version": Other,
	},
	ValueFlags: []string{
		"-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-t", "--target", "--prefix", "--root", "--src",
		"-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host", "--timeout", "--retries",
		"--upgrade-strategy", "--no-binary", "--only-binary", "--platform", "--python-version", "--implementation", "--abi",
		"--progress-bar", "--cache-dir", "--log", "--proxy", "--cert", "--client-cert", "--global-option", "--install-option",
		"--config-settings", "-C", "--build-option", "--use-feature", "--use-deprecated", "--report", "--root-user-action", "-w", "--wheel-dir",
		"--python", "--exists-action", "--group", "--keyring-provider",
	},
	// An option may be cut short where it stays the only one that begins so.
	Recipe: Recipe{NoCache: "--no-cache-dir", Synonym: "--no-cache", Paths: []string{"~/.cache/pip"}},
}

// uv: docs.astral.sh/uv/reference/cli.
var uv = &Manager{
	Name:     "uv",
	Programs: []string{"uv"},
	Verbs: map[string]Action{
		"pip install": Install, "pip sync": Install, "sync": Install, "tool install": Install, "add": Install,
		"pip uninstall": Remove, "cache clean": Clean, "cache prune": Clean,
		"venv": Other, "run": Other, "build": Other, "lock": Other, "export": Other, "python install": Other, "pip compile": Other,
	},
	ValueFlags: []string{
		"-r", "--requirement", "--requirements", "-c", "--constraint", "--constraints", "-e", "--editable", "--index-url", "-i", "--extra-index-url", "--index", "--default-index",
		"-f", "--find-links", "-p", "--python", "--target", "--prefix", "--extra", "--group", "--only-group", "--no-group", "--package", "--project", "--directory",
		"--cache-dir", "--link-mode", "--no-install-package", "--index-strategy", "--refresh-package", "--no-binary-package", "--with",
	},
	Recipe: Recipe{NoCache: "--no-cache", Synonym: "-n", Paths: []string{"~/.cache/uv"}},
}

// poetry: python-poetry.org/docs/cli.
var poetry = &Manager{
	Name:     "poetry",
	Programs: []string{"poetry"},
	Verbs: map[string]Action{
		"install": Install, "add": Install, "sync": Install, "update": Upgrade, "remove": Remove, "cache clear": Clean,
		"config": Other, "export": Other, "build": Other, "run": Other, "lock": Other, "self add": Other, "shell": Other, "env use": Other,
	},
	ValueFlags: []string{"--only", "--with", "--without", "-E", "--extras", "-C", "--directory", "-P", "--project", "-f", "--format", "-o", "--output", "--source"},
	AssumeYes:  []string{"-n", "--no-interaction"},
	Recipe:     Recipe{NoCache: "--no-cache", Paths: []string{"~/.cache/pypoetry"}},
}

// pipenv: pipenv.pypa.io/en/latest/cli.html.
var pipenv = &Manager{
	Name:     "pipenv",
	Programs: []string{"pipenv"},
	Verbs: map[string]Action{
		"install": Install, "sync": Install, "update": Upgrade, "uninstall": Remove, "--clear": Clean,
		"lock": Other, "run": Other, "requirements": Other, "shell": Other, "graph": Other, "check": Other, "verify": Other,
	},
	ValueFlags: []string{"-r", "--requirements", "--python", "-i", "--index", "-e", "--editable", "--categories", "--pypi-mirror", "--extra-pip-args"},
	Recipe:     Recipe{Paths: []string{"~/.cache/pipenv", "~/.cache/pip"}},
}

// conda and its relatives: docs.conda.io/projects/conda/en/latest/commands.
var conda = &Manager{
	Name:     "conda",
	Programs: []string{"conda", "mamba", "micromamba"},
	Verbs: map[string]Action{
		"install": Install, "create": Install, "env create": Install, "env update": Install, "update": Upgrade, "upgrade": Upgrade,
		"remove": Remove, "uninstall": Remove, "env remove": Remove, "clean": Clean,
		"config": Other, "init": Other, "run": Other, "activate": Other, "info": Other, "list": Other, "env export": Other, "shell": Other,
	},
	ValueFlags: []string{"-n", "--name", "-p", "--prefix", "-c", "--channel", "-f", "--file", "--solver", "-r", "--root-prefix"},
	AssumeYes:  []string{"-y", "--yes"},
	Recipe:     Recipe{Clean: "conda clean -afy", Paths: []string{"/opt/conda/pkgs"}},
}

// npm: docs.npmjs.com/cli/commands.
var npm = &Manager{
	Name:     "npm",
	Programs: []string{"npm"},
	Verbs: map[string]Action{
		"install": Install, "i": Install, "add": Install, "ci": Install, "clean-install": Install, "install-clean": Install, "update": Upgrade,
		"uninstall": Remove, "remove": Remove, "rm": Remove, "un": Remove, "prune": Remove, "cache clean": Clean, "cache verify": Other,
		"run": Other, "run-script": Other, "start": Other, "test": Other, "config": Other, "config set": Other, "link": Other, "rebuild": Other, "exec": Other, "pack": Other, "audit": Other, "set": Other,
		"ls": Other, "list": Other, "outdated": Other, "version": Other, "view": Other, "doctor": Other, "fund": Other, "dedupe": Other,
	},
	ValueFlags: []string{"--prefix", "-C", "--registry", "--loglevel", "--omit", "--include", "-w", "--workspace", "--cache", "--tag", "--only", "--userconfig", "--network-timeout"},
	Recipe:     Recipe{Clean: "npm cache clean --force", Paths: []string{"~/.npm"}},
}

// yarn: classic.yarnpkg.com/en/docs/cli and yarnpkg.com/cli.
var yarn = &Manager{
	Name:        "yarn",
	Programs:    []string{"yarn", "yarnpkg"},
	Bare:        Install,
	RunsScripts: true,
	Verbs: map[string]Action{
		"install": Install, "add": Install, "global add": Install, "workspaces focus": Install, "upgrade": Upgrade, "up": Upgrade,
		"remove": Remove, "cache clean": Clean, "cache clear": Clean,
		"run": Other, "start": Other, "build": Other, "test": Other, "config": Other, "config set": Other, "set": Other, "workspace": Other, "workspaces": Other,
		"workspaces foreach": Other, "exec": Other, "dlx": Other, "global": Other, "policies": Other, "autoclean": Other, "link": Other, "pack": Other, "plugin": Other, "check": Other, "rebuild": Other, "why": Other,
		"audit": Other, "bin": Other, "create": Other, "dedupe": Other, "info": Other, "init": Other, "list": Other, "licenses": Other, "login": Other, "node": Other, "npm": Other,
		"outdated": Other, "patch": Other, "publish": Other, "unlink": Other, "unplug": Other, "version": Other, "versions": Other,
	},
	ValueFlags: []string{"--cwd", "--modules-folder", "--cache-folder", "--registry", "--network-timeout", "--network-concurrency", "--mutex", "--prefix", "--mode"},
	Recipe:     Recipe{Clean: "yarn cache clean", Paths: []string{"/usr/local/share/.cache/yarn", "~/.cache/yarn", "~/.yarn/berry/cache"}},
}

// pnpm: pnpm.io/cli.
var pnpm = &Manager{
	Name:        "pnpm",
	Programs:    []string{"pnpm"},
	RunsScripts: true,
	Verbs: map[string]Action{
		"install": Install, "i": Install, "add": Install, "fetch": Install, "deploy": Install, "update": Upgrade, "up": Upgrade,
		"remove": Remove, "rm": Remove, "prune": Remove, "store prune": Clean,
		"run": Other, "build": Other, "start": Other, "exec": Other, "dlx": Other, "config set": Other, "config": Other, "setup": Other, "test": Other, "rebuild": Other,
		"approve-builds": Other, "audit": Other, "bin": Other, "create": Other, "dedupe": Other, "env": Other, "import": Other, "init": Other, "link": Other, "list": Other, "ls": Other,
		"outdated": Other, "pack": Other, "patch": Other, "publish": Other, "root": Other, "self-update": Other, "store": Other, "unlink": Other, "why": Other,
	},
	ValueFlags: []string{"--filter", "-F", "--dir", "-C", "--store-dir", "--registry", "--reporter", "--loglevel", "--network-concurrency"},
	Recipe:     Recipe{Clean: "pnpm store prune", Paths: []string{"~/.local/share/pnpm/store"}, MovedTo: []string{"/pnpm/store"}},
}

// gem: guides.rubygems.org/command-reference.
var gem = &Manager{
	Name:     "gem",
	Programs: []string{"gem"},
	Verbs: map[string]Action{
		"install": Install, "i": Install, "update": Upgrade, "uninstall": Remove, "cleanup": Remove, "build": Other, "list": Other, "env": Other, "sources": Other,
	},
	ValueFlags: []string{"-v", "--version", "-i", "--install-dir", "-n", "--bindir", "-s", "--source", "--platform", "-P", "-g", "--file"},
	Recipe:     Recipe{Paths: []string{"/usr/local/bundle/cache", "/usr/local/lib/ruby/gems/*/cache"}},
}

// bundler: bundler.io/man.
var bundler = &Manager{
	Name:     "bundle",
	Programs: []string{"bundle", "bundler"},
	Bare:     Install,
	Verbs: map[string]Action{
		"install": Install, "update": Upgrade, "clean": Clean, "config": Other, "config set": Other, "config --global": Other, "exec": Other, "check": Other, "package": Other, "cache": Other, "lock": Other, "binstubs": Other, "add": Other, "config unset": Other, "show": Other, "info": Other,
	},
	ValueFlags: []string{"-j", "--jobs", "--retry", "--path", "--without", "--with", "--gemfile", "--binstubs", "--shebang", "--standalone", "-P"},
	Recipe:     Recipe{Paths: []string{"/usr/local/bundle/cache", "~/.bundle/cache"}},
}

// composer: getcomposer.org/doc/03-cli.md.
var composer = &Manager{
	Name:     "composer",
	Programs: []string{"composer", "composer.phar"},
	Verbs: map[string]Action{
		"install": Install, "i": Install, "require": Install, "global require": Install, "create-project": Install, "update": Upgrade, "u": Upgrade,
		"remove": Remove, "clear-cache": Clean, "clearcache": Clean, "cc": Clean,
		"dump-autoload": Other, "dumpautoload": Other, "run-script": Other, "config": Other, "self-update": Other, "selfupdate": Other, "exec": Other, "validate": Other, "check-platform-reqs": Other,
	},
	ValueFlags: []string{"-d", "--working-dir", "--repository", "--stability"},
	AssumeYes:  []string{"-n", "--no-interaction"},
	Recipe:     Recipe{NoCache: "--no-cache", Paths: []string{"~/.composer/cache", "~/.cache/composer"}, MovedTo: []string{"/tmp/cache"}},
}
