// Owns which names and descriptions the protocol allows; must not know Go types.

package hub

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

// The patterns are those of schemas/v1/meta.json; a test compares them.
const (
	modulePattern   = `[a-z][a-z0-9_-]{0,63}`
	functionPattern = `[A-Za-z][A-Za-z0-9_-]{0,63}`

	interfacePattern   = `[a-z][a-z0-9_-]{0,63}(?:\.[a-z][a-z0-9_-]{0,63}){1,3}`
	versionPartPattern = `(?:0|[1-9][0-9]{0,5})`

	numberPattern     = `(?:0|[1-9][0-9]*)`
	preReleasePattern = `(?:` + numberPattern + `|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`
	versionPattern    = numberPattern + `\.` + numberPattern + `\.` + numberPattern +
		`(?:-` + preReleasePattern + `(?:\.` + preReleasePattern + `)*)?`
	comparisonPattern = `(?:\*|` + numberPattern + `(?:\.` + numberPattern + `)?\.\*|=? *` + versionPattern +
		`|(?:\^|~|>=|<=|>|<) *(?:` + versionPattern + `|` + numberPattern + `(?:\.` + numberPattern + `)?))`
)

var (
	moduleName   = regexp.MustCompile(`^` + modulePattern + `$`)
	functionName = regexp.MustCompile(`^` + functionPattern + `$`)
	address      = regexp.MustCompile(`^` + modulePattern + `\.` + functionPattern + `$`)
	permission   = regexp.MustCompile(`^(?:ask|store|credentials|call:(?:\*|` + modulePattern + `(?:\.` + functionPattern + `)?))$`)
	// The name of an interface has a dot at least, so that it is none of a module.
	interfaceVersion = regexp.MustCompile(`^` + interfacePattern + `/` + versionPartPattern + `(?:\.` + versionPartPattern + `)?$`)
	semver           = regexp.MustCompile(`^` + versionPattern + `(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`)
	requirement      = regexp.MustCompile(`^` + comparisonPattern + `(?: *, *` + comparisonPattern + `)*$`)
	// A required module that is named like a file is skipped by the hub with a warning (HUB-INFO-6), so it may stand here.
	fileName = regexp.MustCompile(`^[^\n\r]{1,128}\.(?:so|dll|dylib|exe|py)$`)

	reservedNames    = []string{"capabilities", "capabilities_changed", "module_cleanup", "module_info", "module_init", "ping"}
	reservedPrefixes = []string{"module_", "hub.", "rpc.", "$/"}
)

func isReserved(name string) bool {
	return slices.Contains(reservedNames, name) ||
		slices.ContainsFunc(reservedPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// faults collects what is wrong, in words that name the rule.
type faults []error

func (f *faults) expect(good bool, format string, args ...any) {
	if !good {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

func (i Info) check() (found faults) {
	found.expect(moduleName.MatchString(i.Name), "the name %q does not fit [a-z][a-z0-9_-]* and 64 characters (HUB-INFO-2)", i.Name)
	found.expect(semver.MatchString(i.Version), "the version %q is not strict SemVer such as 1.4.0 (HUB-INFO-3)", i.Version)
	found.expect(i.License != "", "the license is missing (HUB-INFO-4)")
	found.expect(len(i.Authors) > 0, "the authors are missing (HUB-INFO-5)")
	for _, author := range i.Authors {
		found.expect(strings.TrimSpace(author) != "", "an author is empty (HUB-INFO-5)")
	}
	for name, wanted := range i.RequiredModules {
		found.expect(moduleName.MatchString(name) || fileName.MatchString(name), "the required module %q has a name that no module can have (HUB-INFO-6)", name)
		found.expect(requirement.MatchString(wanted), "the requirement %q for %s is none such as ^1.2 (HUB-INFO-6)", wanted, name)
	}
	return found
}

func (d declaration) check() (found faults) {
	expect := func(good bool, format string, args ...any) {
		found.expect(good, "function %q: "+format, append([]any{d.Name}, args...)...)
	}
	expect(functionName.MatchString(d.Name), "the name does not fit [A-Za-z][A-Za-z0-9_-]* and 64 characters (HUB-CAPS-2)")
	expect(!isReserved(d.Name), "the name is reserved (HUB-CAPS-2)")
	if d.Params != nil {
		expect(schemaType(d.Params) == "object", "its params are not described as an object (HUB-CAPS-3)")
		expect(checkSchema(d.Params) == nil, "its params: %v", checkSchema(d.Params))
	}
	if d.Returns != nil {
		expect(checkSchema(d.Returns) == nil, "its result: %v", checkSchema(d.Returns))
	}
	for _, e := range d.Errors {
		expect(e.Code < -32768 || e.Code > -31000, "error code %d belongs to JSON-RPC or the hub (HUB-CAPS-6)", e.Code)
		if e.Data != nil {
			expect(checkSchema(e.Data) == nil, "the data of error %d: %v", e.Code, checkSchema(e.Data))
		}
	}
	for _, example := range d.Examples {
		expect(example.Params == nil || codec.Kind(example.Params) == "object", "an example has params that are no object (HUB-CAPS-5)")
		expect((example.Result == nil) != (example.Error == nil), "an example ends in a result or in an error (HUB-CAPS-5)")
	}
	if d.Deprecated != nil && d.Deprecated.UseInstead != "" {
		use := d.Deprecated.UseInstead
		expect(functionName.MatchString(use) || address.MatchString(use), "what to use instead is no function: %q", use)
	}
	expect(d.TimeoutSeconds == nil || *d.TimeoutSeconds > 0, "the timeout is not positive")
	return found
}
