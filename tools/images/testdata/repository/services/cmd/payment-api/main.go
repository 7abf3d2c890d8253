// Command payment-api stands for a service.
package main

import "os"

func main() { os.Stdout.WriteString("payment-api\n") }
