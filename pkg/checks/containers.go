package checks

import (
	"regexp"
	"strconv"
	"strings"
)

// container is one of a task definition's containers.
type container struct {
	task  *Resource
	path  string
	value Value
}

// containers lists the containers of all task definitions. One that is not known has an unknown value.
func (w *World) containers() []container {
	var list []container
	for _, task := range w.OfType(taskDefinitionType) {
		list = append(list, containersOf(task)...)
	}
	return list
}

func containersOf(task *Resource) []container {
	var list []container
	for _, path := range expandPath(task.Properties, "ContainerDefinitions[*]") {
		list = append(list, container{task, path, task.At(path)})
	}
	return list
}

// essential tells whether the task ends with the container, which is the default.
func (c container) essential() bool {
	return !strings.EqualFold(c.value.Field("Essential").String(), "false")
}

// image is the container's image, with a stand-in for a digest that a parameter of the root has no value for but demands.
func (c container) image() Value {
	v := c.value.Field("Image")
	stack := c.task.Stack
	written := stack.written(c.task.source.field("Properties"), c.path+".Image")
	if v.Unknown() == "" || written == nil {
		return v
	}
	there := *stack
	there.Parameters = map[string]Value{}
	for name, value := range stack.Parameters {
		if value.Unknown() != "" && demandsDigest(stack.origin(name).field("AllowedPattern").scalar()) {
			value = Text("sha256:" + strings.Repeat("0", 64))
		}
		there.Parameters[name] = value
	}
	return there.resolve(written)
}

// origin is the declaration of the root's parameter that feeds a parameter unchanged, or nil.
func (s *Stack) origin(parameter string) *expression {
	if s.as == nil {
		return s.Template.section("Parameters").field(parameter)
	}
	parent, feed := s.input(parameter)
	if feed == nil || feed.kind != functionExpression || feed.text != "Ref" {
		return nil
	}
	return parent.origin(feed.items[0].scalar())
}

// demandsDigest tells whether a pattern takes digests and nothing else.
func demandsDigest(pattern string) bool {
	compiled, err := regexp.Compile("^(?:" + pattern + ")$")
	if pattern == "" || err != nil {
		return false
	}
	for _, other := range []string{"", "latest", "1.0", "sha256:abc", "sha256:" + strings.Repeat("0", 63), "sha512:" + strings.Repeat("0", 64)} {
		if compiled.MatchString(other) {
			return false
		}
	}
	return compiled.MatchString("sha256:" + strings.Repeat("0", 64))
}

// size reads a task's CPU units or MiB, which may be given as "1 vCPU" or "2 GB".
func size(v Value) (int, bool) {
	text := strings.ToLower(strings.ReplaceAll(v.String(), " ", ""))
	for _, unit := range []string{"vcpu", "gb"} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			f, err := strconv.ParseFloat(number, 64)
			return int(f * 1024), err == nil
		}
	}
	return v.Int()
}
