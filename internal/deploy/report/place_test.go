package report

import "testing"

// People read nested stacks without "Stack", unless nothing is left then.
func TestPlace(t *testing.T) {
	for _, c := range []struct {
		path []string
		id   string
		want string
	}{
		{nil, "Cluster", "Cluster"},
		{[]string{"DataStack"}, "Cluster", "Data/Cluster"},
		{[]string{"DataStack", "ReaderStack"}, "Reader", "Data/Reader/Reader"},
		{[]string{"Stack"}, "Cluster", "Stack/Cluster"},
		{[]string{"DataStack"}, "", "Data"},
		{[]string{"DataStack"}, "InnerStack", "Data/InnerStack"},
		{nil, "", ""},
	} {
		if got := Place(c.path, c.id); got != c.want {
			t.Errorf("Place(%v, %q) = %q, want %q", c.path, c.id, got, c.want)
		}
	}
}

// What is shown can be written on the command line, and so can logical IDs.
func TestSamePlace(t *testing.T) {
	for written, want := range map[string]bool{
		"Cluster": true, "Data/Cluster": true, "DataStack/Cluster": true, "Platform/Data/Cluster": true, "PlatformStack/DataStack/Cluster": true,
		"": false, "uster": false, "Data/Writer": false, "ta/Cluster": false, "Data": false, "Other/Data/Cluster": false, "/Cluster": false,
	} {
		if got := SamePlace(written, "Platform/Data/Cluster"); got != want {
			t.Errorf("SamePlace(%q) = %v, want %v", written, got, want)
		}
	}
}
