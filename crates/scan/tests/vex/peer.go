// Says of each pair of purls on standard input whether go-vex takes the second for what the first names.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/openvex/go-vex/pkg/vex"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		one, other, _ := strings.Cut(lines.Text(), "\t")
		fmt.Println(vex.PurlMatches(one, other))
	}
}
