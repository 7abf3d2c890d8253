package golden

import "fmt"

// identity returns the field that names every element of all the lists, uniquely in each, and "" without such a field.
func identity(lists ...*tree) string {
	fields := [...]string{
		"Sid", "Name", "Key", "Id", "ParameterName", "PolicyName", "ContainerName", "ContainerPort", "CapacityProvider",
		"AttributeName", "IndexName", "DeviceName", "Field",
	}
	for _, field := range fields {
		if names(field, lists) {
			return field
		}
	}
	return ""
}

// names says whether a field names the elements of the lists, of which at least one must not be empty.
func names(field string, lists []*tree) bool {
	elements := 0
	for _, l := range lists {
		seen := map[string]bool{}
		for _, item := range l.items {
			value, found := item.fields()[field]
			if l.kind != list || item.intrinsic() != "" || !found || !value.isLeaf() || seen[value.canonical()] {
				return false
			}
			seen[value.canonical()] = true
		}
		elements += len(l.items)
	}
	return elements > 0
}

// labels returns what stands behind the path for each element: its name, or its position when no field names it.
func labels(t *tree, field string) []string {
	labels := make([]string, len(t.items))
	for i, item := range t.items {
		labels[i] = fmt.Sprintf("[%d]", i)
		if field != "" {
			labels[i] = fmt.Sprintf("[%s=%s]", field, item.fields()[field].print(true))
		}
	}
	return labels
}
