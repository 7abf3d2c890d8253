package pictures_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tierform/tierform/internal/pictures"
)

// committed is a file of a picture.
func committed(t *testing.T, name string) string { return read(t, pictures.Directory+"/"+name) }

// The committed pictures are what the templates say.
func TestPicturesAreFresh(t *testing.T) {
	list, err := pictures.Pictures(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		dot := ""
		if !p.Drawn {
			dot = committed(t, p.Name+".dot")
		}
		if err := p.Fresh(dot, committed(t, p.Name+".svg")); err != nil {
			t.Errorf("%v\n(-committed +now)\n%s", err, cmp.Diff(dot, p.Source))
		}
	}
}

// Every picture is shown where it belongs, in words as well, and nothing else lies beside them.
func TestPagesShowThePictures(t *testing.T) {
	list, err := pictures.Pictures(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	pages := map[string][]string{"release": {"docs/architecture.md"}, "release-time": {"README.md", "docs/releasing.md"}}
	for _, p := range list {
		if !p.Drawn {
			want = append(want, p.Name+".dot")
		}
		want = append(want, p.Name+".svg")
		on, special := pages[p.Name]
		if !special {
			on = []string{"README.md", "docs/architecture.md"}
		}
		for _, page := range on {
			path := strings.TrimPrefix(pictures.Directory+"/", filepath.Dir(page)+"/") // as the page's links go
			shown := regexp.MustCompile(`!\[[^\]]{30,}\]\(` + regexp.QuoteMeta(path+p.Name) + `\.svg\)`)
			if !shown.MatchString(strings.ReplaceAll(read(t, page), "\n", " ")) {
				t.Errorf("%s does not show %s.svg with a text that says what is in it", page, p.Name)
			}
		}
	}
	entries, err := os.ReadDir("../../" + pictures.Directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files in %s (-want +got)\n%s", pictures.Directory, diff)
	}
}

// A README is about 830 pixels wide. Wider pictures shrink; their text has 9 pixels at the least. In dark mode they keep a
// white background.
func TestPicturesCanBeRead(t *testing.T) {
	entries, err := os.ReadDir("../../" + pictures.Directory)
	if err != nil {
		t.Fatal(err)
	}
	number := func(text string) float64 {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".svg") {
			continue
		}
		svg := committed(t, entry.Name())
		shrunk := min(1, 830/number(regexp.MustCompile(`<svg width="(\d+)"`).FindStringSubmatch(svg)[1]))
		var sizes []float64
		for _, m := range regexp.MustCompile(`font-size="([\d.]+)"`).FindAllStringSubmatch(svg, -1) {
			sizes = append(sizes, number(m[1]))
		}
		if len(sizes) == 0 || slices.Min(sizes)*shrunk < 9 {
			t.Errorf("%s: texts of %v pixels, shrunk to %.0f %%", entry.Name(), slices.Compact(sizes), 100*shrunk)
		}
		if _, polygon, _ := strings.Cut(svg, "<polygon "); !strings.HasPrefix(polygon, `fill="#ffffff" stroke="none"`) {
			t.Errorf("%s has no white background", entry.Name())
		}
	}
}

const drawn = `<?xml version="1.0"?>
<svg width="80pt" height="9pt" viewBox="0 0 80 9"><text font-family="Verdana">x</text></svg>
`

func TestSVG(t *testing.T) {
	p := pictures.Picture{Name: "p", Source: "digraph {}"}
	svg, err := p.SVG(drawn)
	if err != nil {
		t.Fatal(err)
	}
	mark, body, _ := strings.Cut(svg, "\n")
	want := `<svg width="80" height="9" role="img" viewBox="0 0 80 9"><text font-family="Verdana, DejaVu Sans, Helvetica, Arial, sans-serif">x</text></svg>` + "\n"
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("body (-want +got)\n%s", diff)
	}
	if !strings.HasPrefix(mark, "<!-- Drawn by make pictures from p.dot, SHA-256 cdffdece") {
		t.Errorf("mark: %s", mark)
	}
	for _, bad := range []string{"", "<svg>", `<svg viewBox="0 0 80 9">`} {
		if got, err := p.SVG(bad); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

// What is out of date or was changed by hand is said, and how to mend it.
func TestFresh(t *testing.T) {
	p := pictures.Picture{Name: "p", Source: "digraph {}"}
	svg, err := p.SVG(drawn)
	if err != nil {
		t.Fatal(err)
	}
	other, err := pictures.Picture{Name: "p", Source: "graph {}"}.SVG(drawn)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, dot, svg, want string }{
		{"fresh", p.Source, svg, ""},
		{"old source", "graph {}", svg, "docs/pictures/p.dot: the templates say something else now: run make pictures"},
		{"old drawing", p.Source, other, "docs/pictures/p.svg was drawn from another source, or changed by hand: run make pictures"},
		{"drawing changed by hand", p.Source, strings.Replace(svg, ">x<", ">y<", 1), "docs/pictures/p.svg was drawn from another source, or changed by hand: run make pictures"},
		{"nothing drawn", p.Source, "", "docs/pictures/p.svg was drawn from another source, or changed by hand: run make pictures"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := ""
			if err := p.Fresh(tc.dot, tc.svg); err != nil {
				got = err.Error()
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// A picture that is drawn already is its own source.
func TestFreshDrawn(t *testing.T) {
	p := pictures.Picture{Name: "p", Source: "<svg/>", Drawn: true}
	if err := p.Fresh("", "<svg/>"); err != nil {
		t.Error(err)
	}
	if err := p.Fresh("", "<svg></svg>"); err == nil || err.Error() != "docs/pictures/p.svg: the templates say something else now: run make pictures" {
		t.Error(err)
	}
}
