package pictures

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// fonts are tried in turn. Layout measures text as Verdana, the widest of them: the others leave room and do not overflow.
const fonts = `font-family="Verdana, DejaVu Sans, Helvetica, Arial, sans-serif"`

// size is what Graphviz says of a picture's size.
var size = regexp.MustCompile(`^width="(\d+)pt" height="(\d+)pt"`)

// errNotSVG says that a drawing is not what Graphviz writes.
var errNotSVG = errors.New("the drawing is no SVG of Graphviz")

// SVG is what to commit for a picture that Graphviz has drawn from its source: points become pixels, so that text has the
// size that the source gives it, the fonts get substitutes, and a first line says what it was drawn from.
func (p Picture) SVG(drawn string) (string, error) {
	_, body, found := strings.Cut(drawn, "<svg ")
	if !found || !size.MatchString(body) {
		return "", errNotSVG
	}
	body = size.ReplaceAllString(body, `width="$1" height="$2" role="img"`)
	body = "<svg " + strings.ReplaceAll(body, `font-family="Verdana"`, fonts)
	return p.mark(body) + "\n" + body, nil
}

// mark says which source a picture was drawn from, and what was drawn.
func (p Picture) mark(body string) string {
	return fmt.Sprintf("<!-- Drawn by make pictures from %s.dot, SHA-256 %x; what follows has SHA-256 %x -->",
		p.Name, sha256.Sum256([]byte(p.Source)), sha256.Sum256([]byte(body)))
}

// Fresh tells whether committed files are what the templates say now; the error says what to do. A picture that is drawn already has no DOT.
func (p Picture) Fresh(dot, svg string) error {
	file := Directory + "/" + p.Name
	if p.Drawn && svg != p.Source {
		return fmt.Errorf("%s.svg: the templates say something else now: run make pictures", file)
	}
	if p.Drawn {
		return nil
	}
	if dot != p.Source {
		return fmt.Errorf("%s.dot: the templates say something else now: run make pictures", file)
	}
	if mark, body, _ := strings.Cut(svg, "\n"); mark != p.mark(body) {
		return fmt.Errorf("%s.svg was drawn from another source, or changed by hand: run make pictures", file)
	}
	return nil
}
