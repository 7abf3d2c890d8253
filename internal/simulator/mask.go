package simulator

import "strings"

// mask stands where the value of a NoEcho parameter would (Template reference, "Parameters").
const mask = "****"

// masked hides the values of a stack's NoEcho parameters in a text.
func (s *Simulator) masked(st *stack, text string) string {
	if st.template == nil {
		return text
	}
	for name, p := range st.template.Parameters {
		if v := st.parameters[name]; p.NoEcho && v != "" {
			text = strings.ReplaceAll(text, v, mask)
		}
	}
	return text
}

// masked hides the values of NoEcho parameters, those before and those after.
func (c *changeSet) masked(s *Simulator, text string) string {
	for name, p := range c.template.Parameters {
		if v := c.parameters[name]; p.NoEcho && v != "" {
			text = strings.ReplaceAll(text, v, mask)
		}
	}
	return s.masked(c.stack, text)
}

// pathOf divides a property's path.
func pathOf(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }
