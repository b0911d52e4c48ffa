package accounts

import (
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/shell"
	"github.com/drydock-dev/drydock/internal/syntax"
)

// A Value is a name or a number as a command gives it.
type Value struct {
	// Text is the value with variables replaced and with the defaults of build
	// arguments; "" if the file does not say it.
	Text string
	// Variable is the whole value as one variable of the Dockerfile, in the
	// author's form ($UID, ${UID:-1000}), or "" if it is something else.
	Variable string
	// Args are the build arguments that it depends on.
	Args []string

	stage *build.Stage
	inst  *syntax.Instruction
}

// Literal is a value that depends on nothing.
func Literal(text string) Value { return Value{Text: text} }

// IsGiven reports whether there is a value, known or not.
func (v Value) IsGiven() bool { return v.Text != "" || v.Variable != "" || len(v.Args) > 0 }

// IsNumber reports whether the value is known to be a number.
func (v Value) IsNumber() bool {
	_, ok := v.Number()
	return ok
}

// Number returns the value as an ID. IDs have at most 32 bits.
func (v Value) Number() (int, bool) {
	n, err := strconv.ParseUint(v.Text, 10, 32)
	return int(n), err == nil
}

// At returns how the value is written in an instruction of a stage: its variable
// where that means the same there, else its text. It reports false where neither
// says it: a value that a build argument sets must not turn into a constant.
func (v Value) At(stage *build.Stage, inst *syntax.Instruction) (string, bool) {
	if v.Variable != "" && v.meansTheSame(stage, inst) {
		return v.Variable, true
	}
	return v.Text, v.Text != "" && len(v.Args) == 0
}

// meansTheSame reports whether the value's variable is the same at inst.
func (v Value) meansTheSame(stage *build.Stage, inst *syntax.Instruction) bool {
	if v.stage == nil {
		return false
	}
	here, there := v.stage.Expand(v.inst, v.Variable), stage.Expand(inst, v.Variable)
	if here.Known != there.Known || here.Text != there.Text || strings.Join(here.Args, " ") != strings.Join(there.Args, " ") {
		return false
	}
	// A build argument without a value is the same one only within its stage.
	return here.Known || v.stage == stage && len(here.Args) > 0
}

// Same reports whether two values are equal in every build: the same text that
// no build argument changes, or the same variable.
func (v Value) Same(w Value) bool {
	if len(v.Args) == 0 && len(w.Args) == 0 {
		return v.Text == w.Text && v.Text != ""
	}
	alike := v.Variable == w.Variable || v.Text == w.Text && VariableName(v.Variable) == VariableName(w.Variable)
	return v.Variable != "" && alike && v.meansTheSame(w.stage, w.inst)
}

// VariableName is the name in $NAME, ${NAME} or ${NAME:-default}.
func VariableName(variable string) string {
	name, _, _ := strings.Cut(strings.Trim(variable, "${}"), ":-")
	return name
}

// ValueOf reads a word of a Dockerfile instruction.
func ValueOf(stage *build.Stage, inst *syntax.Instruction, word string) Value {
	x := stage.Expand(inst, word)
	v := Value{Text: x.Text, Args: x.Args, stage: stage, inst: inst}
	if plain := strings.Trim(word, `"`); isVariable(plain) {
		v.Variable = plain
	}
	return v
}

// isVariable reports whether text is one variable and nothing else.
func isVariable(text string) bool {
	name, ok := strings.CutPrefix(text, "$")
	if inner, braced := strings.CutPrefix(name, "{"); braced {
		inner, ok = strings.CutSuffix(inner, "}")
		inner, _, _ = strings.Cut(inner, ":-")
		name = inner
	}
	return ok && name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// A scope is the variables that a word of a script sees: those of the Dockerfile
// and those that the script has set before.
type scope struct {
	stage  *build.Stage
	inst   *syntax.Instruction
	locals map[string]Value
	cwd    string // "" if not known
	file   string // context path of the script that is followed, "" for the RUN itself
	outer  []*shell.Command
}

// assign notes the variables that a command sets for those after it.
func (s *scope) assign(c *shell.Command) {
	if len(c.Words) > 0 && c.Name() != "export" && c.Name() != "readonly" && c.Name() != "local" && c.Name() != "declare" {
		return
	}
	for _, a := range c.Assigns {
		if s.locals == nil {
			s.locals = map[string]Value{}
		}
		v := s.value(a.Value)
		if c.Conditional {
			v = Value{Args: []string{a.Name}} // perhaps set, perhaps not
		}
		s.locals[a.Name] = v
	}
}

// value reads a word of a script.
func (s *scope) value(w shell.Word) Value {
	v := Value{stage: s.stage, inst: s.inst}
	local := false
	text, ok := w.Expand(func(name string) (string, bool) {
		if l, set := s.locals[name]; set {
			local = true
			v.Args = append(v.Args, l.Args...)
			return l.Text, l.Text != ""
		}
		x := s.stage.Expand(s.inst, "${"+name+"}")
		v.Args = append(v.Args, x.Args...)
		return x.Text, x.Known
	})
	if ok {
		v.Text = text
	}
	if plain := strings.Trim(w.Raw, `"`); !local && isVariable(plain) {
		v.Variable = plain
	}
	if !ok && len(v.Args) == 0 {
		v.Args = []string{strings.TrimSpace(w.Raw)} // unknown: it is given, but by what the file does not say
	}
	return v
}
