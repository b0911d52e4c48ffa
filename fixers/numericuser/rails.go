package numericuser

import (
	"path"
	"strings"

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

// isRails reports whether the build context is a Rails application.
func isRails(c *project.Context) bool {
	text, err := c.Read("config/environment.rb")
	return err == nil && strings.Contains(text, "Rails.application")
}

// railsReason is why a Rails application may write elsewhere.
func railsReason(c *project.Context) string {
	for _, file := range []struct {
		name  string
		marks []string
	}{
		{"config/database.yml", []string{"sqlite"}},
		{"Gemfile", []string{"carrierwave", "paperclip", "shrine", "sqlite3", "dragonfly", "sitemap_generator"}},
	} {
		text, err := c.Read(file.name)
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
