//go:build linux

package main

import (
	"bufio"
	"context"
	"io"
	"strings"
)

// lines gives the commands of a script, or those that somebody types, until there are no more or the context ends.
func lines(ctx context.Context, script string, typed io.Reader) <-chan string {
	list := make(chan string)
	go func() {
		defer close(list)
		give := func(line string) bool {
			select {
			case list <- line:
				return true
			case <-ctx.Done():
				return false
			}
		}
		if script != "" {
			for command := range strings.SplitSeq(strings.ReplaceAll(script, "\n", ";"), ";") {
				if command = strings.TrimSpace(command); command != "" && !give(command) {
					return
				}
			}
			return
		}
		scanner := bufio.NewScanner(typed)
		for scanner.Scan() {
			if !give(scanner.Text()) {
				return
			}
		}
	}()
	return list
}
