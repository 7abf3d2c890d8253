package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tierform/tierform/tools/images/internal/registry"
)

// options are the command line and what of the environment matters.
type options struct {
	root, outDir, source, revision string
	registry, env                  string
	verify, push, mirror           bool
	created                        time.Time
	// digests are those of mirrored images, by name, where the command line gives one.
	digests map[string]*string
}

const usage = `Makes an image of each program of services/cmd: OCI layouts in bin/images, with a bill of materials beside each.

  make images                                    build
  make images ARGS='--verify'                    build twice and compare the digests
  make images ARGS='--push --registry 111122223333.dkr.ecr.us-east-1.amazonaws.com --env dev --revision 1.5'
  make images ARGS='--mirror --registry … --env dev'   copy Envoy and the collector; builds nothing without --push or --verify

Flags:
`

// parse reads the command line; pins are the images that can be mirrored.
func parse(args []string, getenv func(string) string, pins []registry.Pin, help io.Writer) (options, error) {
	o := options{digests: map[string]*string{}}
	flags := flag.NewFlagSet("images", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.root, "root", "../..", "`directory` of the repository")
	flags.StringVar(&o.outDir, "out", "", "`directory` for the images (default bin/images in the repository)")
	flags.StringVar(&o.source, "source", "", "`URL` of the source code, for the label org.opencontainers.image.source")
	flags.StringVar(&o.revision, "revision", "", "`revision` of the source code, for the label org.opencontainers.image.revision and as tag of what is pushed")
	flags.BoolVar(&o.verify, "verify", false, "build again, in a copy of the repository with an empty build cache, and compare the digests")
	flags.BoolVar(&o.push, "push", false, "push the images and attach their bills of materials")
	flags.BoolVar(&o.mirror, "mirror", false, "copy the images of the sidecars into the registry, by the digests of pins.json")
	flags.StringVar(&o.registry, "registry", "", "registry to push to, as `host`: <account>.dkr.ecr.us-east-1.amazonaws.com")
	flags.StringVar(&o.env, "env", "", "environment `suffix`, such as dev")
	for _, pin := range pins {
		o.digests[pin.Name] = flags.String(pin.Name+"-digest", "", "`digest` of "+pin.From+" where pins.json has none")
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(help, usage)
		flags.SetOutput(help)
		flags.PrintDefaults()
		return options{}, err
	case err != nil:
		return options{}, fmt.Errorf("%w; --help lists the flags", err)
	case flags.NArg() > 0:
		return options{}, fmt.Errorf("the argument %q is not understood: allowed are flags only; --help lists them", flags.Arg(0))
	}
	if o.outDir == "" {
		o.outDir = o.root + "/bin/images"
	}
	return o, o.check(getenv)
}

func (o *options) check(getenv func(string) string) error {
	if !o.push && !o.mirror && o.registry+o.env != "" {
		return fmt.Errorf("--registry and --env are for --push and --mirror: add one of them")
	}
	if tag := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`); o.revision != "" && !tag.MatchString(o.revision) {
		return fmt.Errorf("--revision is %q: allowed are 1 to 128 letters, digits, and _ . - after the first, as it becomes a tag", o.revision)
	}
	if o.source != "" && !strings.HasPrefix(o.source, "https://") {
		return fmt.Errorf("--source is %q: allowed is an address that begins with https://", o.source)
	}
	o.created = time.Unix(0, 0).UTC()
	if value := getenv("SOURCE_DATE_EPOCH"); value != "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds < 0 || seconds > 253402300799 {
			return fmt.Errorf("SOURCE_DATE_EPOCH is %q: allowed are seconds since 1970, such as 1767225600", value)
		}
		o.created = time.Unix(seconds, 0).UTC()
	}
	return nil
}

// builds tells whether the services' images are made: --mirror alone only copies.
func (o *options) builds() bool { return !o.mirror || o.push || o.verify }
