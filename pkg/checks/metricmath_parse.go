package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Limits of expressions: the longest that the API takes, and how deep one may nest.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
const (
	maxFormulaBytes = 2048
	maxFormulaDepth = 64
)

// Formula is a parsed metric math expression.
type Formula struct {
	text string
	root *mathNode
}

// String is the expression as written.
func (f *Formula) String() string { return f.text }

// Names are the IDs of metrics and expressions that the formula uses, sorted.
func (f *Formula) Names() []string {
	var names []string
	f.root.walk(func(n *mathNode) {
		if n.kind == nameNode {
			names = append(names, n.text)
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

type mathNode struct {
	kind      nodeKind
	text      string // name, operator, function or keyword
	number    float64
	arguments []*mathNode
	at        int
}

type nodeKind uint8

const (
	numberNode nodeKind = iota
	nameNode
	textNode
	keywordNode
	arrayNode
	callNode
	negateNode
	operatorNode
)

func (n *mathNode) walk(visit func(*mathNode)) {
	visit(n)
	for _, argument := range n.arguments {
		argument.walk(visit)
	}
}

func (n *mathNode) wrong(format string, arguments ...any) error {
	return &MathError{At: n.at, Problem: fmt.Sprintf(format, arguments...)}
}

// ParseFormula parses a metric math expression. Errors are of type [*MathError].
func ParseFormula(text string) (*Formula, error) {
	if len(text) > maxFormulaBytes {
		return nil, &MathError{At: maxFormulaBytes + 1, Problem: fmt.Sprintf("longer than %d characters", maxFormulaBytes)}
	}
	p := &mathParser{text: text}
	p.next()
	root := p.binary(0, 0)
	if p.err == nil && p.token != "" {
		p.fail("%q does not belong here", p.token)
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Formula{text: text, root: root}, nil
}

// mathLevels are the binary operators, from those that bind least.
var mathLevels = [][]string{{"OR"}, {"AND"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/"}, {"^"}}

type mathParser struct {
	text  string
	token string // "" at the end
	start int    // of the token
	end   int
	err   *MathError
}

func (p *mathParser) fail(format string, arguments ...any) {
	if p.err == nil {
		p.err = &MathError{At: p.start + 1, Problem: fmt.Sprintf(format, arguments...)}
		p.token, p.end = "", len(p.text)
	}
}

// next reads a token: a name, a number, a quoted text, an operator or a single character.
func (p *mathParser) next() {
	rest := strings.TrimLeft(p.text[p.end:], " \t\r\n")
	p.start = len(p.text) - len(rest)
	length := 0
	switch {
	case rest == "":
	case isNameByte(rest[0]) || rest[0] == '.':
		for length < len(rest) && (isNameByte(rest[length]) || rest[length] == '.') {
			length++
		}
	case rest[0] == '"' || rest[0] == '\'':
		closing := strings.IndexByte(rest[1:], rest[0])
		if closing < 0 {
			p.fail("the text is not closed")
			return
		}
		length = closing + 2
	case len(rest) > 1 && slices.Contains([]string{"==", "!=", "<=", ">=", "&&", "||"}, rest[:2]):
		length = 2
	default:
		length = 1
	}
	p.token, p.end = rest[:length], p.start+length
	switch p.token {
	case "&&":
		p.token = "AND"
	case "||":
		p.token = "OR"
	}
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// binary parses operators of a level and above, from left to right.
func (p *mathParser) binary(level, depth int) *mathNode {
	if level == len(mathLevels) {
		return p.unary(depth)
	}
	left := p.binary(level+1, depth)
	for slices.Contains(mathLevels[level], p.token) {
		n := &mathNode{kind: operatorNode, text: p.token, at: p.start + 1}
		p.next()
		n.arguments = []*mathNode{left, p.binary(level+1, depth)}
		left = n
	}
	return left
}

func (p *mathParser) unary(depth int) *mathNode {
	if depth > maxFormulaDepth {
		p.fail("nested deeper than %d levels", maxFormulaDepth)
	}
	if p.token != "-" {
		return p.primary(depth)
	}
	n := &mathNode{kind: negateNode, at: p.start + 1}
	p.next()
	n.arguments = []*mathNode{p.unary(depth + 1)}
	return n
}

func (p *mathParser) primary(depth int) *mathNode {
	n := &mathNode{text: p.token, at: p.start + 1}
	switch {
	case p.token == "":
		p.fail("the expression ends here")
	case p.token == "(":
		p.next()
		n = p.binary(0, depth+1)
		p.expect(")")
		return n
	case p.token == "[":
		n.kind = arrayNode
		p.next()
		n.arguments = p.list("]", depth)
	case p.token[0] == '"' || p.token[0] == '\'':
		n.kind, n.text = textNode, p.token[1:len(p.token)-1]
		p.next()
	case p.token[0] >= '0' && p.token[0] <= '9' || p.token[0] == '.':
		number, err := strconv.ParseFloat(p.token, 64)
		if err != nil {
			p.fail("%q is no number", p.token)
		}
		n.number = number
		p.next()
	case isNameByte(p.token[0]):
		p.name(n, depth)
	default:
		p.fail("%q does not belong here", p.token)
	}
	return n
}

// name parses a function call, a keyword or an ID, which begins with a lower-case letter.
func (p *mathParser) name(n *mathNode, depth int) {
	n.kind = nameNode
	isLower := n.text[0] >= 'a' && n.text[0] <= 'z'
	if strings.Contains(n.text, ".") {
		p.fail("%q is no ID", n.text)
	}
	p.next()
	switch {
	case p.token == "(":
		n.kind = callNode
		p.next()
		n.arguments = p.list(")", depth)
		p.checkCall(n)
	case slices.Contains(mathKeywords, n.text):
		n.kind = keywordNode
	case !isLower:
		p.start = n.at - 1
		p.fail("%q is no ID: those begin with a lower-case letter", n.text)
	}
}

// list parses arguments up to a closing bracket.
func (p *mathParser) list(closing string, depth int) []*mathNode {
	var items []*mathNode
	if p.token != closing {
		items = append(items, p.binary(0, depth+1))
		for p.token == "," {
			p.next()
			items = append(items, p.binary(0, depth+1))
		}
	}
	p.expect(closing)
	return items
}

func (p *mathParser) expect(token string) {
	if p.token != token {
		p.fail("%s is missing", token)
		return
	}
	p.next()
}
