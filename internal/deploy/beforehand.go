package deploy

import (
	"io/fs"
	"regexp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// accountPattern is the form of an account's ID (AWS Account Management Reference Guide, "View AWS account identifiers").
var accountPattern = regexp.MustCompile(`^[0-9]{12}$`)

// Beforehand judges the environment's suffix, which may be missing where a verb is about all of them, and the account wanted, "" for any, by
// their form alone.
func Beforehand(suffix string, all bool, account string) error {
	if _, err := newEnvironment(suffix); err != nil && (suffix != "" || !all) {
		return err
	}
	if account != "" && !accountPattern.MatchString(account) {
		return &fault.Error{Code: fault.Usage, What: "--account is no account", Found: account, Allowed: "the twelve digits of its ID, such as 111122223333"}
	}
	return nil
}

// BeforehandValues judges names and values of parameters and names of images by the templates alone: all that can be told of them without AWS.
func BeforehandValues(templates fs.FS, roots Roots, r Request) error {
	set, err := source.Load(templates, roots.Platform)
	if err != nil {
		return err
	}
	e := &Engine{Options: Options{Templates: templates, Roots: roots}}
	if err := set.Root.Admit(e.without(r.Values, set.Root)...); err != nil {
		return err
	}
	return images(set.Root, r.Images, func(string, string) {})
}
