package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/tierform/tierform/internal/deploy"
)

// answers are the lines of the standard input. One reader serves all questions of a command, so that what was typed ahead is not lost, and
// a line goes to the question that is open when it comes and not to one that was given up.
type answers struct {
	once  sync.Once
	lines chan string
}

// from begins to read when the first question is asked. The reader lives as long as the command: nothing can end a read from a terminal.
func (a *answers) from(in io.Reader) <-chan string {
	a.once.Do(func() {
		a.lines = make(chan string)
		go func() {
			defer close(a.lines)
			for reader := bufio.NewReader(in); ; {
				line, err := reader.ReadString('\n')
				if err == nil || line != "" {
					a.lines <- line
				}
				if err != nil {
					return
				}
			}
		}()
	})
	return a.lines
}

// ask waits for an answer; the end of the input is a no.
func (c *command) ask(ctx context.Context, question string) (bool, error) {
	text, err := c.typed(ctx, question+" [y/N]")
	return text == "y" || text == "yes", err
}

// typed is a line that a person types; empty at the end of the input.
func (c *command) typed(ctx context.Context, prompt string) (string, error) {
	text, _, err := c.line(ctx, prompt)
	return text, err
}

func (c *command) line(ctx context.Context, prompt string) (text string, more bool, err error) {
	fmt.Fprintf(c.stderr, "%s ", prompt)
	select {
	case <-ctx.Done():
		return "", false, ctx.Err()
	case text, more = <-c.answers.from(c.stdin):
		return strings.ToLower(strings.TrimSpace(text)), more, nil
	}
}

// maxQuestions is how often the same is asked of somebody who answers something else.
const maxQuestions = 3

// interruption asks what shall become of the operation that runs. Who gives no answer detaches, which leaves it as it is.
func (c *command) interruption(ctx context.Context) deploy.Interruption {
	prompt := "The operation goes on in AWS: detach from it, cancel it or continue to follow? [detach/cancel/continue]"
	for range maxQuestions {
		text, more, err := c.line(ctx, prompt)
		if choice, known := deploy.ParseInterruption(text); known {
			return choice
		}
		if err != nil || !more {
			break
		}
		prompt = fmt.Sprintf("%q is none of detach, cancel and continue, or could be two of them:", text)
	}
	fmt.Fprintln(c.stderr, "deploy: detached")
	return deploy.Detach
}
