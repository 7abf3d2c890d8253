package report

import "strings"

// Fields of events name nested stacks by their logical IDs, as templates and AWS do: DataStack. People read, and write on the command line,
// a shorter form, the same everywhere: Data. Texts in events, such as Needs and Next, are for people.

// StackName is a nested stack's name for people: its logical ID without "Stack".
func StackName(id string) string {
	if name := strings.TrimSuffix(id, "Stack"); name != "" {
		return name
	}
	return id
}

// Place is a resource's name for people: Data/Cluster for Cluster of DataStack. A nested stack itself is found by an empty logical ID.
func Place(path []string, logicalID string) string {
	var names []string
	for _, id := range path {
		names = append(names, StackName(id))
	}
	if logicalID != "" {
		names = append(names, logicalID)
	}
	return strings.Join(names, "/")
}

// SamePlace tells whether what a person wrote names a place: in the shorter form or with logical IDs, in full or by its last parts.
func SamePlace(written, place string) bool {
	parts := strings.Split(written, "/")
	written = Place(parts[:len(parts)-1], parts[len(parts)-1])
	return written != "" && (written == place || strings.HasSuffix(place, "/"+written))
}
