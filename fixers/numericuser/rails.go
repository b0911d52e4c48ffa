package numericuser

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/build/origin"
	"github.com/drydock-dev/drydock/internal/project"
)

// rubyServers are the programs that may run a Rails application.
var rubyServers = []string{"rails", "puma", "rackup", "sidekiq"}

// railsFolders are what a Rails application writes below its folder: the log, what
// it caches and keeps for its processes, and uploads.
//
// Source: the Dockerfile of "rails new" gives these to its user, and db, which holds
// the files of SQLite and the schema that development writes
// (github.com/rails/rails, railties/lib/rails/generators/rails/app/templates/Dockerfile.tt).
var railsFolders = []string{"log", "storage", "tmp"}

// railsReason is why a Rails application may write elsewhere than below its folder,
// which must be the working directory.
func railsReason(c *project.Context, s *build.Stage, started launch) string {
	if !slices.Contains(rubyServers, started.program()) {
		return started.program() + " is not known to run a Rails application"
	}
	environment := origin.File(c, s, nil, path.Join(started.workdir, "config/environment.rb"))
	if environment == "" {
		return "the folder of the Rails application is not known"
	}
	application := path.Dir(path.Dir(environment))
	for _, file := range []struct {
		name  string
		marks []string
	}{
		{"config/database.yml", []string{"sqlite"}},
		{"Gemfile", []string{"carrierwave", "paperclip", "shrine", "sqlite3", "dragonfly", "sitemap_generator"}},
	} {
		text, err := c.Read(path.Join(application, file.name))
		if err != nil {
			return "the content of " + file.name + " is not known"
		}
		for _, mark := range file.marks {
			if strings.Contains(text, mark) {
				return mark + " in " + file.name + " may need root"
			}
		}
	}
	return ""
}

// railsRooms are the folders of an application in dir, with what the build may have
// left in them as root.
func railsRooms(dir string) []room {
	var rooms []room
	for _, name := range railsFolders {
		rooms = append(rooms, room{dir: path.Join(dir, name), whole: true})
	}
	return rooms
}
