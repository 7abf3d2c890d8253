// Command administration stands for a service.
package main

import "os"

func main() { os.Stdout.WriteString("administration\n") }
