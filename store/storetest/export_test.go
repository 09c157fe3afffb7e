package storetest

import "context"

// Promises gives the suite's own words to the test that compares them with the port's.
func Promises() []string { return promises }

// Skipped gives the cases that a store makes skip, with what they say.
func Skipped[A any](
	ctx context.Context, subject Subject[A], open func(context.Context) (Handles[A], error),
) (all map[string]string, err error) {
	all = map[string]string{}
	for _, c := range cases[A]() {
		notes, err := attempt(ctx, c, subject.complete(), open)
		if err != nil {
			return nil, err
		}
		if notes.skipped != "" {
			all[c.name] = notes.skipped
		}
	}
	return all, nil
}
