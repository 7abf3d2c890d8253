package pictures

import (
	"fmt"
	"html"
	"strings"
)

// A canvas is an SVG that grows downwards: a README's width, white for a reader in dark mode.
type canvas struct {
	strings.Builder
	// top is where the free part begins.
	top float64
}

// Colours of texts.
const (
	dark = "#1b1f24"
	pale = "#424a53"
)

// canvasWidth is what a README shows without shrinking.
const canvasWidth = 830

// A block is a part of a lane from one pixel to another, with one or two lines of text.
type block struct {
	from, to float64
	look     colour
	lines    []string
}

// lane draws blocks side by side behind a name.
func (c *canvas) lane(name string, high float64, blocks ...block) {
	c.text(canvasEdge, c.top+high/2+4, "start", pale, name)
	for _, b := range blocks {
		fmt.Fprintf(c, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="3" fill="%s" stroke="%s"/>`+"\n", b.from, c.top, b.to-b.from, high, b.look.fill(), b.look.line())
		for i, line := range b.lines {
			c.text((b.from+b.to)/2, c.top+high/2+4+14*(float64(i)-float64(len(b.lines)-1)/2), "middle", dark, line)
		}
	}
	c.top += high + 6
}

// canvasEdge is what stays free at both sides.
const canvasEdge = 8

// text writes a line.
func (c *canvas) text(x, y float64, anchor, fill, text string) {
	fmt.Fprintf(c, `<text x="%.1f" y="%.1f" text-anchor="%s" %s font-size="11" fill="%s">%s</text>`+"\n", x, y, anchor, fonts, fill, html.EscapeString(text))
}

// area fills a polygon.
func (c *canvas) area(look colour, points ...string) {
	fmt.Fprintf(c, `<polygon fill="%s" stroke="%s" points="%s"/>`+"\n", look.fill(), look.line(), strings.Join(points, " "))
}

func point(x, y float64) string { return fmt.Sprintf("%.1f,%.1f", x, y) }

// svg is the whole drawing.
func (c *canvas) svg() string {
	size := fmt.Sprintf(`width="%d" height="%.0f"`, canvasWidth, c.top)
	return "<!-- Made from golden/ by make pictures: change the templates or internal/pictures, not this file. -->\n" +
		fmt.Sprintf("<svg %s role=\"img\" viewBox=\"0 0 %d %.0f\" xmlns=\"http://www.w3.org/2000/svg\">\n", size, canvasWidth, c.top) +
		fmt.Sprintf("<polygon fill=\"#ffffff\" stroke=\"none\" points=\"0,0 %d,0 %d,%.0f 0,%.0f\"/>\n", canvasWidth, canvasWidth, c.top, c.top) + c.String() + "</svg>\n"
}
