package drift_test

import (
	"errors"
	"testing"

	"github.com/kycle/kycle/lifecycle/drift"
)

// gate is one case of one gate: "" agrees, "gap: …" is a *Gap, everything else *SourceError.
type gate struct{ name, why, text, want string }

func judge(t *testing.T, cases []gate, ask func(text string) error) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := ask(c.text)
			got := ""
			var gap *drift.Gap
			var source *drift.SourceError
			switch {
			case errors.As(err, &gap) && errors.Is(err, drift.ErrGap):
				got = "gap: " + err.Error()
			case errors.As(err, &source) && errors.Is(err, drift.ErrSource):
				got = err.Error()
			case err != nil:
				t.Fatalf("%s: %T %v", c.why, err, err)
			}
			if got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.why, got, c.want)
			}
		})
	}
}

const (
	noList  = "drift: the CHECK of loans.status: no CHECK of the table lists values of this column"
	noTable = "drift: the CHECK of loans.status: there is no CREATE TABLE or ALTER TABLE of this table"
	partial = "drift: the CHECK of loans.status: it is not the list alone that decides: compare the column itself, and join the list to conditions on other columns by AND"
	several = "drift: the CHECK of loans.status: there are several lists that differ: hand over the schema as it stands, not its history"
	endless = "drift: the CHECK of loans.status: a string, a quoted name or a comment does not end"
	all     = "('asked', 'lent', 'back', 'void')"
)

func TestSQLCheck(t *testing.T) {
	judge(t, []gate{
		{"in line", "as a migration has it", "CREATE TABLE loans (id int PRIMARY KEY, status text NOT NULL CHECK (status IN " + all + "), n int);", ""},
		{"order", "it does not matter", "create table loans (status text check (status in ('void','void','lent','back','asked')));", ""},
		{"pg_dump", "as it prints a text column", "CREATE TABLE public.loans (\n    status text NOT NULL,\n    CONSTRAINT loans_status_check CHECK ((status = ANY (ARRAY['asked'::text, 'lent'::text, 'back'::text, 'void'::text])))\n);", ""},
		{"pg_dump of varchar", "casts on both sides", "ALTER TABLE ONLY public.loans\n ADD CONSTRAINT c CHECK (((status)::text = ANY ((ARRAY['asked'::character varying, 'lent'::character varying(20), 'back'::public.word, 'void'::\"char\"])::text[])));", ""},
		{"MySQL", "as SHOW CREATE TABLE prints it", "CREATE TABLE `loans` (\n  `status` varchar(9), CONSTRAINT `c` CHECK ((`status` in (_utf8mb4'asked',_utf8mb4'lent',_utf8mb4'back',_utf8mb4'void')))\n) ENGINE=InnoDB", ""},
		{"quoted names", "the table too", `CREATE TABLE IF NOT EXISTS "app"."loans" ("status" text CHECK ("status" IN ` + all + `))`, ""},
		{"comments", "they may hold anything", "-- CREATE TABLE loans (status CHECK (status IN ('x')))\nCREATE /* loans ' /* nested */ \" */ TABLE loans ( -- it's\n status text CHECK (status IN ('asked', -- wanted\n 'lent', /* 'lost', */ 'back', 'void')))", ""},
		{"strings", "a keyword in a string is none", "CREATE TABLE loans (note text DEFAULT 'CHECK (status IN (''x''));', status text CHECK (status IN " + all + "))", ""},
		{"functions", "a body in dollars is a string", "CREATE FUNCTION f() RETURNS void AS $body$ CREATE TABLE loans (status text CHECK (status IN ('x'))); $body$ LANGUAGE sql; CREATE TABLE loans (status text CHECK (status IN " + all + "));", ""},
		{"parameters", "$1 opens no string", "SELECT $1, $2; CREATE TABLE loans (status text CHECK (status IN " + all + "))", ""},
		{"null", "it is no status", "CREATE TABLE loans (status text CHECK (status IS NULL OR status IN " + all + "))", ""},
		{"and", "both hold", "CREATE TABLE loans (status text, n int, CHECK (n > 0 AND status IN " + all + " AND status IS NOT NULL))", ""},
		{"other tables", "each has its own list", "CREATE TABLE loans_old (status text CHECK (status IN ('x'))); CREATE TABLE loans (status text CHECK (status IN " + all + ")); CREATE INDEX loans_status ON loans (status);", ""},
		{"other columns", "each has its own list", "CREATE TABLE loans (kind text CHECK (kind IN ('x')), old_status text CHECK (old_status IN ('y')), status text CHECK (status IN " + all + "))", ""},
		{"the same list twice", "it agrees", "CREATE TABLE loans (status text CHECK (status IN " + all + ")); ALTER TABLE loans ADD CHECK (status IN ('void','back','lent','asked'));", ""},
		{"escapes", "a value is what the database stores", `CREATE TABLE loans (status text CHECK (status IN (E'a\sked', 'lent', 'back', 'vo''id')))`,
			"gap: drift: the CHECK of loans.status is not what the machine loan says; missing here: void; unknown to the machine: vo'id"},

		{"missing", "a new state", "CREATE TABLE loans (status text CHECK (status IN ('asked', 'lent', 'back')))",
			"gap: drift: the CHECK of loans.status is not what the machine loan says; missing here: void"},
		{"unknown", "an old state", "CREATE TABLE loans (status text CHECK (status IN ('gone', 'asked', 'lent', 'back', 'void', 'lost')))",
			"gap: drift: the CHECK of loans.status is not what the machine loan says; unknown to the machine: gone, lost"},
		{"spelling", "case counts", "CREATE TABLE loans (status text CHECK (status IN ('Asked', 'lent', 'back', 'void')))",
			"gap: drift: the CHECK of loans.status is not what the machine loan says; missing here: asked; unknown to the machine: Asked"},
		{"one value", "as pg_dump prints a list of one", "CREATE TABLE loans (status text CHECK ((status = 'asked'::text)))",
			"gap: drift: the CHECK of loans.status is not what the machine loan says; missing here: lent, back, void"},

		{"no table", "nothing to compare with", "CREATE TABLE others (status text CHECK (status IN " + all + "))", noTable},
		{"empty", "nothing to compare with", "", noTable},
		{"no check", "a DEFAULT is none", "CREATE TABLE loans (status text DEFAULT 'asked')", noList},
		{"only in a comment", "it is not there", "CREATE TABLE loans (status text -- CHECK (status IN " + all + ")\n)", noList},
		{"turned round", "it says the opposite", "CREATE TABLE loans (status text CHECK (status NOT IN " + all + "))", noList},
		{"turned round before", "it says the opposite", "CREATE TABLE loans (status text CHECK (NOT (status IN " + all + ")))", partial},
		{"an alternative", "the list does not decide alone", "CREATE TABLE loans (status text, n int, CHECK (n = 1 OR status IN " + all + "))", partial},
		{"a case", "the list does not decide alone", "CREATE TABLE loans (status text, n int, CHECK (CASE WHEN status IN " + all + " AND n = 1 THEN true END))", partial},
		{"two lists in one", "only both hold", "CREATE TABLE loans (status text CHECK (status IN " + all + " AND status IN ('asked')))", partial},
		{"a function of it", "the column holds other words than the list", "CREATE TABLE loans (status text CHECK (upper(status) IN " + all + "))", partial},
		{"a function without parentheses", "the same", "CREATE TABLE loans (status text CHECK (n > 0 AND BINARY status IN " + all + "))", partial},
		{"more of the column", "a value of the list is kept out", "CREATE TABLE loans (status text CHECK (status IN " + all + " AND status != 'void'))", partial},
		{"more of the column before", "the same", "CREATE TABLE loans (status text CHECK (length(status) < 5 AND status IN " + all + "))", partial},
		{"the column by its table", "it is the column itself", "CREATE TABLE loans (status text, n int, CHECK (n > 0 AND public.loans.status IN " + all + "))", ""},
		{"several", "which of them holds", "CREATE TABLE loans (status text CHECK (status IN ('asked'))); ALTER TABLE loans DROP CONSTRAINT c; ALTER TABLE loans ADD CHECK (status IN " + all + ");", several},
		{"not only strings", "it is no list of names", "CREATE TABLE loans (status text CHECK (status IN ('asked', lower('LENT'))))", noList},
		{"an expression behind", "the list is longer than it looks", "CREATE TABLE loans (status text CHECK (status = 'asked' || 'x'))", noList},
		{"an open string", "nothing can be said", "CREATE TABLE loans (status text CHECK (status IN ('asked", endless},
		{"an open comment", "nothing can be said", "CREATE TABLE loans /* ", endless},
		{"an open condition", "what is there counts", "CREATE TABLE loans (status text CHECK (status IN ('asked'", "gap: drift: the CHECK of loans.status is not what the machine loan says; missing here: lent, back, void"},
	}, func(text string) error { return drift.SQLCheck(loans, text, "loans", "status") })
	if err := drift.SQLCheck(loans, "CREATE TABLE App.Loans (Status text CHECK (STATUS IN "+all+"))", "app.LOANS", "Status"); err != nil {
		t.Error("names are compared without case:", err)
	}
}

func TestOpenAPIEnum(t *testing.T) {
	document := func(enum string) string {
		return `{"openapi":"3.1.0","components":{"schemas":{"Status":{"type":"string","enum":` + enum + `},"Loan":{"properties":{"status":{"$ref":"#/components/schemas/Status"}}},
			"a/b~c":{"enum":` + enum + `},"Circle":{"$ref":"#/components/schemas/Circle"},"Away":{"$ref":"other.json#/x"},"Lost":{"$ref":"#/nowhere"},"Plain":{"type":"string"}}},"list":[{"enum":` + enum + `}]}`
	}
	whole := document(`["void","asked","lent","back",null]`)
	at := func(pointer string) func(string) error {
		return func(text string) error { return drift.OpenAPIEnum(loans, []byte(text), pointer) }
	}
	for _, pointer := range []string{"Status", "a/b~c", "/components/schemas/Status", "#/components/schemas/Status/enum", "/components/schemas/Loan/properties/status",
		"/components/schemas/Loan/properties/status/enum", "/components/schemas/a~1b~0c", "/list/0"} {
		if err := at(pointer)(whole); err != nil {
			t.Error(err)
		}
	}
	if err := at("Status")(`{"swagger":"2.0","definitions":{"Status":{"enum":["void","asked","lent","back"]}}}`); err != nil {
		t.Error(err)
	}
	if err := at("")(`["void","asked","lent","back"]`); err != nil {
		t.Error("the whole document is the enum:", err)
	}
	judge(t, []gate{
		{"missing", "a new state", document(`["asked","lent"]`), "gap: drift: the enum at Status is not what the machine loan says; missing here: back, void"},
		{"unknown", "another spelling", document(`["asked","lent","back","void","Void"]`), "gap: drift: the enum at Status is not what the machine loan says; unknown to the machine: Void"},
		{"not strings", "it is no list of names", document(`[1]`), "drift: the enum at Status: a value of the enum is not a string"},
		{"no list", "it is no enum", document(`"asked"`), "drift: the enum at Status: what stands there is neither a schema nor an enum"},
		{"YAML", "it is not JSON", "openapi: 3.1.0", "drift: the enum at Status: the document is not JSON; one in YAML has to be converted first"},
		{"elsewhere", "the component is not there", `{"components":{"schemas":{}}}`, "drift: the enum at Status: nothing stands there"},
	}, at("Status"))
	for pointer, want := range map[string]string{
		"Circle": "nothing stands there", "Away": "nothing stands there", "Lost": "nothing stands there", "Plain": "the schema has no enum",
		"/list/1": "nothing stands there", "/list/x": "nothing stands there", "/list/0/enum/0/x": "nothing stands there", "#list": "nothing stands there",
	} {
		var source *drift.SourceError
		if err := at(pointer)(whole); !errors.As(err, &source) || source.Problem != want {
			t.Errorf("%s: %v, not %s", pointer, err, want)
		}
	}
}
