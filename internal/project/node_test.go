package project

import "testing"

func TestNode(t *testing.T) {
	install := func(manager NodeManager) func(*Context) Manifests {
		return func(c *Context) Manifests { return Node(c, ".", NodeInstall{Manager: manager}) }
	}
	npm := install(NPM)
	pkg := func(content string, more ...string) map[string]string {
		files := map[string]string{"package.json": content}
		for i := 0; i+1 < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	script := func(name, body string, more ...string) map[string]string {
		return pkg(`{"scripts":{"`+name+`":"`+body+`","build":"tsc","setup":"node setup.js","hooks":"husky"}}`, more...)
	}
	reads := func(reason string) Manifests {
		return Manifests{Files: []string{"package.json"}, ReadsSource: "package.json: " + reason}
	}
	only := Manifests{Files: []string{"package.json"}}
	runManifestCases(t, []manifestCase{
		{"npm", pkg(`{}`, "package-lock.json", "", ".npmrc", "", "yarn.lock", ""), npm, Manifests{Files: []string{"package.json", "package-lock.json", ".npmrc"}}},
		{"yarn 1", pkg(`{}`, "yarn.lock", "", ".yarnrc", "yarn-path \".yarn/r.js\"\n", ".yarn/r.js", ""), install(Yarn), Manifests{Files: []string{"package.json", "yarn.lock", ".yarnrc", ".yarn/r.js"}}},
		{"yarn berry", pkg(`{"dependencies":{"a":"patch:a@npm%3A1#~/.yarn/patches/a.patch","b":"patch:b@1#./b.patch","c":"patch:c@1#builtin<compat/c>"}}`,
			"yarn.lock", "", ".yarnrc.yml", "yarnPath: .yarn/releases/yarn-4.cjs\nplugins:\n  - path: p/x.cjs\n", ".yarn/releases/yarn-4.cjs", "", ".yarn/patches/a.patch", "", "b.patch", "", "p/x.cjs", ""),
			install(Yarn), Manifests{Files: []string{"package.json", "yarn.lock", ".yarnrc.yml", "b.patch", "p/x.cjs"}, Dirs: []string{".yarn/releases", ".yarn/patches"}}},
		{"pnpm", pkg(`{"pnpm":{"patchedDependencies":{"a@1":"patches/a.patch"}}}`, "pnpm-lock.yaml", "", ".pnpmfile.cjs", "", "patches/a.patch", "", "patches/b.patch", ""),
			install(Pnpm), Manifests{Files: []string{"package.json", "pnpm-lock.yaml", ".pnpmfile.cjs", "patches/a.patch"}}},
		{"npm workspace", pkg(`{"workspaces":["packages/*","!packages/old"]}`, "package-lock.json", "", "packages/a/package.json", "{}", "packages/b/package.json", `{"dependencies":{"a":"*"}}`, "packages/old/package.json", "{}", "packages/c/x.js", "", "node_modules/x/package.json", "{}"),
			npm, Manifests{Files: []string{"package.json", "package-lock.json", "packages/a/package.json", "packages/b/package.json"}}},
		{"yarn workspace in its long form", pkg(`{"workspaces":{"packages":["a","libs/**"]}}`, "a/package.json", "{}", "libs/x/y/package.json", "{}"),
			install(Yarn), Manifests{Files: []string{"package.json", "a/package.json", "libs/x/y/package.json"}}},
		{"pnpm workspace", pkg(`{}`, "pnpm-workspace.yaml", "packages:\n  - 'apps/*'\n", "apps/web/package.json", "{}"),
			install(Pnpm), Manifests{Files: []string{"package.json", "pnpm-workspace.yaml", "apps/web/package.json"}}},
		{"a member with a bin", pkg(`{"workspaces":["cli"]}`, "cli/package.json", `{"bin":"x.js"}`),
			npm, Manifests{Files: []string{"package.json", "cli/package.json"}, ReadsSource: "cli/package.json declares a bin, which the install links"}},
		{"local packages", pkg(`{"dependencies":{"a":"file:./lib/a","b":"link:./b","c":"file:c.tgz","d":"workspace:*"}}`, "lib/a/package.json", "{}", "b/package.json", "{}", "c.tgz", ""),
			npm, Manifests{Files: []string{"package.json", "c.tgz"}, Dirs: []string{"lib/a", "b"}}},
		{"a local package outside of the context", pkg(`{"dependencies":{"a":"file:../a"}}`, "a/package.json", "{}"), npm,
			Manifests{Files: []string{"package.json"}, ReadsSource: "../a lies outside of the build context"}},
		{"the project as its own package", pkg(`{"dependencies":{"a":"file:."}}`), npm, reads("a is the project itself")},
		{"malformed", pkg(`{`), npm, Manifests{Files: []string{"package.json"}, ReadsSource: "package.json is not valid JSON"}},
		{"no package.json", map[string]string{"x": ""}, npm, Manifests{Missing: []string{"package.json"}}},
		{"binding.gyp", pkg(`{}`, "binding.gyp", ""), npm, reads("binding.gyp builds an addon from the source")},

		{"husky", script("prepare", "husky install || true"), npm, only},
		{"is-ci and husky", script("prepare", "is-ci || npx --no-install husky"), npm, only},
		{"only-allow", script("preinstall", "npx -y only-allow pnpm"), npm, only},
		{"a script that is harmless", script("prepare", "npm run hooks"), npm, only},
		{"a script that is not", script("postinstall", "cross-env A=b yarn setup"), npm, reads("postinstall runs node setup.js")},
		{"a build", script("prepare", "npm run build"), npm, reads("prepare runs tsc")},
		{"a script of the project", script("postinstall", "./x.sh"), npm, reads("postinstall runs ./x.sh")},
		{"a substitution", script("postinstall", "echo $(cat x)"), npm, reads("postinstall runs echo $(cat x)")},
		{"a redirection", script("postinstall", "echo < x"), npm, reads("postinstall runs echo < x")},
		{"scripts that an install does not run", script("pretest", "node x.js"), npm, only},
		{"scripts that call each other", pkg(`{"scripts":{"postinstall":"npm run a","a":"npm run b","b":"npm run a"}}`), npm, only},
		{"patch-package", script("postinstall", "patch-package", "patches/a.patch", ""), npm, Manifests{Files: []string{"package.json"}, Dirs: []string{"patches"}}},
		{"prisma", script("postinstall", "prisma generate", "prisma/schema.prisma", ""), npm, Manifests{Files: []string{"package.json", "prisma/schema.prisma"}}},
		{"prisma with a schema", script("postinstall", "npx prisma generate --schema=db/s.prisma", "db/s.prisma", ""), npm, Manifests{Files: []string{"package.json", "db/s.prisma"}}},
		{"prisma configured in code", script("postinstall", "prisma generate", "prisma.config.ts", ""), npm, reads("prisma generate evaluates prisma.config.ts")},
		{"a member's script", pkg(`{"workspaces":["a"]}`, "a/package.json", `{"scripts":{"postinstall":"node x"}}`), npm,
			Manifests{Files: []string{"package.json", "a/package.json"}, ReadsSource: "a/package.json: postinstall runs node x"}},
		{"scripts ignored", script("postinstall", "node x.js"), func(c *Context) Manifests { return Node(c, ".", NodeInstall{IgnoreScripts: true}) }, only},
		{"in a subfolder", map[string]string{"web/package.json": `{"dependencies":{"s":"file:../shared"}}`, "web/package-lock.json": "", "shared/package.json": "{}"},
			func(c *Context) Manifests { return Node(c, "web", NodeInstall{}) }, Manifests{Files: []string{"web/package.json", "web/package-lock.json"}, Dirs: []string{"shared"}}},
	})
}
