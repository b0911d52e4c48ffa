package shell

import (
	"path"
	"strings"
)

// wrappers are commands that run the command in their arguments, with those of
// their options that take a value. env also skips NAME=value.
var wrappers = map[string][]string{
	"sudo":      {"-u", "-g", "-h", "-p", "-C", "-r", "-t", "--user", "--group"},
	"doas":      {"-u", "-C"},
	"env":       {"-u", "--unset", "-C", "--chdir"},
	"exec":      {"-a"},
	"command":   nil,
	"builtin":   nil,
	"time":      {"-f", "-o"},
	"nice":      {"-n"},
	"nohup":     nil,
	"ionice":    {"-c", "-n"},
	"eatmydata": nil,
	"yes":       nil,
	"timeout":   {"-s", "-k", "--signal", "--kill-after"},
	"gosu":      nil,
	"su-exec":   nil,
	"busybox":   nil,
	// Not here: su -c and sh -c, whose command is one quoted word; xargs and
	// find -exec, which add words of their own.
}

// Program returns the index in Words of the program that the command runs in the
// end, past sudo, env and the like, or -1 if there is none.
func (c *Command) Program() int { return c.program }

func (c *Command) findProgram() int {
	i := 0
	for i < len(c.Words) {
		name := path.Base(c.Words[i].Value)
		values, wraps := wrappers[name]
		if !wraps || !c.Words[i].Literal {
			return i
		}
		i = c.afterOptions(i+1, values)
		switch name {
		case "env":
			for i < len(c.Words) && strings.Contains(c.Words[i].Value, "=") {
				i++
			}
		case "timeout", "gosu", "su-exec":
			i++ // the duration; the account
		}
	}
	return -1
}

// afterOptions returns the index of the first word from i on that is no option
// and no option's value.
func (c *Command) afterOptions(i int, values []string) int {
	for i < len(c.Words) && strings.HasPrefix(c.Words[i].Value, "-") {
		value := c.Words[i].Value
		i++
		if value == "--" {
			return i
		}
		for _, v := range values {
			if v == value {
				i++
			}
		}
	}
	return i
}

// Runs returns the base name of the program that the command runs in the end and
// the words after it, or "" if the program is not literal.
func (c *Command) Runs() (name string, args []Word) {
	i := c.Program()
	if i < 0 || !c.Words[i].Literal {
		return "", nil
	}
	return path.Base(c.Words[i].Value), c.Words[i+1:]
}
