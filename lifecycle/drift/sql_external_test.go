package drift_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle/drift"
)

const (
	check   = "drift: the CHECK of loans.status: "
	noList  = check + "line 1: no CHECK and no type of the table lists values of this column"
	noTable = check + "there is no CREATE TABLE or ALTER TABLE of this table"
	partial = check + "line 1: " + alone
	alone   = "it is not the list alone that decides here: give the column one CHECK with its whole list, compared as it is; more may be asked together with other columns, in other CHECKs or by AND"
	several = check + "line 1: there are several lists that differ: hand over the schema as it stands, not its history, and name the table with its schema"
	dropped = "what is dropped or altered here may be the list: hand over the schema as it stands, not its history"
	tables  = "there are several tables that may be meant: hand over the schema as it stands, not its history, and name the table with its schema, here and where it is asked for"
	endless = check + "line 1: a string, a quoted name, a comment or the data of a COPY does not end"
	open    = check + "line 1: a parenthesis or bracket does not close"
	differs = "gap: drift: the CHECK of loans.status is not what the machine loan says; "
	all     = "('asked', 'lent', 'back', 'void')"
	array   = "ARRAY['asked', 'lent', 'back', 'void']"
)

func TestSQLCheck(t *testing.T) {
	judge(t, []gate{
		{"in line", "as a migration has it", "CREATE TABLE loans (id int PRIMARY KEY, status text NOT NULL CHECK (status IN " + all + "), n int);", ""},
		{"order", "it does not matter", "create table loans (status text check (status in ('void','void','lent','back','asked')));", ""},
		{"pg_dump", "as it prints a text column", "CREATE TABLE public.loans (\n    status text NOT NULL,\n    CONSTRAINT loans_status_check CHECK ((status = ANY (ARRAY['asked'::text, 'lent'::text, 'back'::text, 'void'::text])))\n);", ""},
		{"pg_dump of varchar", "casts on both sides", "ALTER TABLE ONLY public.loans\n ADD CONSTRAINT c CHECK (((status)::text = ANY ((ARRAY['asked'::character varying, 'lent'::character varying(20), 'back'::public.word, 'void'::bpchar])::text[])));", ""},
		{"MySQL", "as SHOW CREATE TABLE prints it", "CREATE TABLE `loans` (\n  `status` varchar(9), CONSTRAINT `c` CHECK ((`status` in (_utf8mb4'asked',_utf8mb4'lent',_utf8mb4'back',_utf8mb4'void')))\n) ENGINE=InnoDB", ""},
		{"quoted names", "the table too", `CREATE TABLE IF NOT EXISTS "app"."loans" ("status" text CHECK ("status" IN ` + all + `))`, ""},
		{"comments", "they may hold anything", "-- CREATE TABLE loans (status CHECK (status IN ('x')))\nCREATE /* loans ' * nested \" */ TABLE loans ( -- it's\n status text CHECK (status IN ('asked', -- wanted\n 'lent', /* 'lost', */ 'back', 'void')))", ""},
		{"strings", "a keyword in a string is none", "CREATE TABLE loans (note text DEFAULT 'CHECK (status IN (''x''));', status text CHECK (status IN " + all + "))", ""},
		{"functions", "a body in dollars is a string", "CREATE FUNCTION f() RETURNS void AS $body$ CREATE TABLE loans (status text CHECK (status IN ('x'))); $body$ LANGUAGE sql; CREATE TABLE loans (status text CHECK (status IN " + all + "));", ""},
		{"parameters", "$1 opens no string", "SELECT $1, $2; CREATE TABLE loans (status text CHECK (status IN " + all + "))", ""},
		{"null", "it is no status", "CREATE TABLE loans (status text CHECK (status IS NULL OR status IN " + all + "))", ""},
		{"and", "both hold", "CREATE TABLE loans (status text, n int, CHECK (n > 0 AND status IN " + all + " AND status IS NOT NULL))", ""},
		{"other tables", "each has its own list", "CREATE TABLE loans_old (status text CHECK (status IN ('x'))); CREATE TABLE loans (status text CHECK (status IN " + all + ")); CREATE INDEX loans_status ON loans (status);", ""},
		{"other columns", "each has its own list", "CREATE TABLE loans (kind text CHECK (kind IN ('x')), old_status text CHECK (old_status IN ('y')), status text CHECK (status IN " + all + "))", ""},
		{"the same list twice", "it agrees", "CREATE TABLE loans (status text CHECK (status IN " + all + ")); ALTER TABLE loans ADD CHECK (status IN ('void','back','lent','asked'));", ""},
		{"escapes", "a value is what the database stores", `CREATE TABLE loans (status text CHECK (status IN (E'a\sked', 'lent', 'back', 'vo''id')))`,
			differs + "missing here: void; unknown to the machine: vo'id"},

		{"a conditional one beside", "it can only keep out more", "CREATE TABLE loans (n int, status text CHECK (status IN " + all + "), CHECK (n IS NULL OR status IN ('back')))", ""},
		{"SQL Server", "as it prints a list, and without semicolons", "CREATE TABLE [app].[loans]([status] [nvarchar](20) NOT NULL)\nGO\nALTER TABLE [app].[loans] WITH CHECK ADD CONSTRAINT [c] CHECK (([status]='void' OR [status]='back' OR [status]='lent' OR [status]='asked'))\nGO\nCREATE TABLE [app].[old]([status] [text] CHECK ([status]='x'))", ""},
		{"another table without a semicolon", "its list is its own", "CREATE TABLE loans (status text)\nGO\nCREATE TABLE others (status text CHECK (status IN " + all + "))", noList},
		{"an enum", "as SHOW CREATE TABLE prints it", "CREATE TABLE `loans` (`id` int, `status` enum('asked','lent','back','void') NOT NULL DEFAULT 'asked')", ""},
		{"an enum with a value too few", "the same as a CHECK", "CREATE TABLE loans (status ENUM('asked','lent','back'))", differs + "missing here: void"},
		{"an enum and a CHECK", "which of them is meant", "CREATE TABLE loans (status ENUM('asked','lent') CHECK (status IN " + all + "))", several},
		{"an enum of something else", "the list is not understood", "CREATE TABLE loans (status ENUM('asked', n))", check + "line 1: the column's list is not understood"},
		{"an enum renamed", "it is another column's", "ALTER TABLE loans CHANGE status state ENUM('x')", noList},
		{"an enum of another column", "each has its own list", "CREATE TABLE loans (kind ENUM('x'), status ENUM" + all + ")", ""},
		{"a type", "as pg_dump prints it", "CREATE TYPE public.loan_status AS ENUM (\n 'asked',\n 'lent',\n 'back',\n 'void'\n);\nCREATE TABLE public.loans (id uuid, status public.loan_status DEFAULT 'asked'::public.loan_status NOT NULL);", ""},
		{"a type without its schema", "it may be the same", "CREATE TYPE app.word AS ENUM ('asked'); CREATE TABLE loans (status WORD)", differs + "missing here: lent, back, void"},
		{"a type of another schema", "it is another one", "CREATE TYPE app.word AS ENUM " + all + "; CREATE TABLE loans (status public.word)", noList},
		{"a type for a column that is there", "the same", "CREATE TYPE word AS ENUM " + all + ";\nALTER TABLE loans ALTER COLUMN status SET DATA TYPE word USING status::word", ""},
		{"a type of many", "the column holds arrays", "CREATE TYPE word AS ENUM " + all + "; CREATE TABLE loans (status word[])", noList},
		{"a type altered", "the list is no longer what it was", "CREATE TYPE word AS ENUM " + all + ";\nCREATE TABLE loans (status word);\nALTER TYPE word RENAME VALUE 'void' TO 'x';", check + "line 3: the type is altered or dropped here: hand over the schema as it stands, not its history"},
		{"not enforced", "the database does not ask it", "CREATE TABLE loans (status text CHECK (status IN " + all + ") NOT ENFORCED)", check + "line 1: this CHECK is not enforced"},
		{"not enforced, as Oracle has it", "the same", "CREATE TABLE loans (status text CHECK (status IN " + all + ") DISABLE)", check + "line 1: this CHECK is not enforced"},
		{"an array beside", "its brackets hold no name", "CREATE TABLE loans (kinds text[] CHECK (kinds [1] = 'x' AND kinds <> ARRAY[a, b]), status text CHECK (status IN " + all + "))", ""},
		{"not enforced, as MySQL prints it", "the comment is code", "CREATE TABLE loans (status text,\nCONSTRAINT c CHECK ((status in " + all + ")) /*!80016 NOT ENFORCED */)", check + "line 2: this CHECK is not enforced"},
		{"code in a comment that does not end", "nothing can be said", "CREATE TABLE loans (status text CHECK (status IN " + all + ")) /*!1 x", check + "line 1: a comment with code does not end"},
		{"a comment of MySQL's", "it is not there", "CREATE TABLE loans (status text\n# it's CHECK (status IN " + all + ")\n)", noList},
		{"a # in a line", "it is a comment to MySQL alone", "CREATE TABLE loans (status text # CHECK (status IN " + all + ")\n)", check + "line 1: a # in a line is an operator to one database and a comment to another"},
		{"escapes that stand for something", "it is a backspace", `CREATE TABLE loans (status text CHECK (status IN ('asked', 'lent', E'\back', 'void')))`, differs + "missing here: back; unknown to the machine: \ufffdack"},
		{"a line", "of the CHECK", "CREATE TABLE loans (\n'\n', -- \nstatus text\nCHECK (status IN " + all + " OR true))", check + "line 5: " + alone},
		{"the second line", "of the list that differs", "CREATE TABLE loans (status text CHECK (status IN " + all + "));\nALTER TABLE loans ADD CHECK (status IN ('void'))", strings.Replace(several, "line 1", "line 2", 1)},
		{"cut off", "a file that was not copied whole", "CREATE TABLE loans (\nstatus text CHECK (status IN " + all, strings.Replace(open, "line 1", "line 2", 1)},
		{"cut off behind the CHECK", "the same", "CREATE TABLE loans (\nstatus text CHECK (status IN " + all + ")", open},
		{"an open bracket", "the same", "CREATE TABLE loans (status text CHECK (status = ANY (ARRAY['asked')))", check + "line 1: a parenthesis or bracket is closed that was not opened"},
		{"too deep", "no schema is", "CREATE TABLE loans " + strings.Repeat("(", 500) + strings.Repeat(")", 500), check + "line 1: parentheses are nested too deep"},
		{"missing", "a new state", "CREATE TABLE loans (status text CHECK (status IN ('asked', 'lent', 'back')))",
			differs + "missing here: void"},
		{"unknown", "an old state", "CREATE TABLE loans (status text CHECK (status IN ('gone', 'asked', 'lent', 'back', 'void', 'lost')))",
			differs + "unknown to the machine: gone, lost"},
		{"spelling", "case counts", "CREATE TABLE loans (status text CHECK (status IN ('Asked', 'lent', 'back', 'void')))",
			differs + "missing here: asked; unknown to the machine: Asked"},
		{"one value", "as pg_dump prints a list of one", "CREATE TABLE loans (status text CHECK ((status = 'asked'::text)))",
			differs + "missing here: lent, back, void"},

		{"no table", "nothing to compare with", "CREATE TABLE others (status text CHECK (status IN " + all + "))", noTable},
		{"empty", "nothing to compare with", "", noTable},
		{"no check", "a DEFAULT is none", "CREATE TABLE loans (status text DEFAULT 'asked')", noList},
		{"only in a comment", "it is not there", "CREATE TABLE loans (status text -- CHECK (status IN " + all + ")\n)", noList},
		{"turned round", "it says the opposite", "CREATE TABLE loans (status text CHECK (status NOT IN " + all + "))", partial},
		{"turned round before", "it says the opposite", "CREATE TABLE loans (status text CHECK (NOT (status IN " + all + ")))", partial},
		{"an alternative", "the list does not decide alone", "CREATE TABLE loans (status text, n int, CHECK (n = 1 OR status IN " + all + "))", partial},
		{"a case", "the list does not decide alone", "CREATE TABLE loans (status text, n int, CHECK (CASE WHEN status IN " + all + " AND n = 1 THEN true END))", partial},
		{"two lists in one", "only both hold", "CREATE TABLE loans (status text CHECK (status IN " + all + " AND status IN ('asked')))", partial},
		{"a function of it", "the column holds other words than the list", "CREATE TABLE loans (status text CHECK (upper(status) IN " + all + "))", partial},
		{"a function without parentheses", "the same", "CREATE TABLE loans (status text CHECK (n > 0 AND BINARY status IN " + all + "))", partial},
		{"more of the column", "a value of the list is kept out", "CREATE TABLE loans (status text CHECK (status IN " + all + " AND status != 'void'))", partial},
		{"more of the column before", "the same", "CREATE TABLE loans (status text CHECK (length(status) < 5 AND status IN " + all + "))", partial},
		{"the column by its table", "it is the column itself", "CREATE TABLE loans (status text, n int, CHECK (n > 0 AND public.loans.status IN " + all + "))", ""},
		{"several", "which of them holds", "CREATE TABLE loans (status text CHECK (status IN ('asked'))); ALTER TABLE loans DROP CONSTRAINT c; ALTER TABLE loans ADD CHECK (status IN " + all + ");", check + "line 1: " + dropped},
		{"dropped", "it holds no longer", "CREATE TABLE loans (status text, CONSTRAINT c CHECK (status IN " + all + "));\nALTER TABLE loans DROP CONSTRAINT IF EXISTS c;", check + "line 2: " + dropped},
		{"out of force", "it holds no longer", "CREATE TABLE loans (status text, CONSTRAINT c CHECK (status IN " + all + "));\nALTER TABLE loans ALTER CHECK c NOT ENFORCED;", check + "line 2: " + dropped},
		{"one of two dropped", "which has no name here", "CREATE TABLE loans (status text CHECK (status IN " + all + "), CONSTRAINT d CHECK (status IN " + all + "));\nALTER TABLE loans DROP CONSTRAINT c;", check + "line 2: " + dropped},
		{"another one dropped", "it is not the list", "CREATE TABLE loans (status text, CONSTRAINT c CHECK (status IN " + all + ")); ALTER TABLE loans DROP CONSTRAINT d, DROP COLUMN n, ALTER COLUMN n SET NOT NULL;", ""},
		{"dropped before", "and given anew", "ALTER TABLE loans DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (status IN " + all + ");", ""},
		{"a type cut off", "nothing can be said", "CREATE TABLE loans (status word);\nCREATE TYPE word AS ENUM ('asked'", check + "line 2: a parenthesis or bracket does not close"},
		{"a type nested", "no list is", "CREATE TABLE loans (status word); CREATE TYPE word AS ENUM " + strings.Repeat("(", 500) + strings.Repeat(")", 500), check + "line 1: parentheses are nested too deep"},
		{"a type of something else", "it is no list", "CREATE TABLE loans (status word); CREATE TYPE word AS ENUM ('asked', n)", check + "line 1: the type's list is not understood"},
		{"not only strings", "it is no list of names", "CREATE TABLE loans (status text CHECK (status IN ('asked', lower('LENT'))))", partial},
		{"an expression behind", "the list is longer than it looks", "CREATE TABLE loans (status text CHECK (status = 'asked' || 'x'))", partial},
		{"an open string", "nothing can be said", "CREATE TABLE loans (status text CHECK (status IN ('asked", endless},
		{"an open comment", "nothing can be said", "CREATE TABLE loans /* ", endless},
		{"an open condition", "a file cut off", "CREATE TABLE loans (status text CHECK (status IN ('asked'", open},
	}, func(text string) error { return drift.SQLCheck(loans, text, "loans", "status") })
	if err := drift.SQLCheck(loans, "CREATE TABLE App.Loans (Status text CHECK (STATUS IN "+all+"))", "app.LOANS", "Status"); err != nil {
		t.Error("names are compared without case:", err)
	}
}

// forms are the list, in the ways in which databases print it.
var forms = []struct{ name, list string }{
	{"IN", "status IN " + all},
	{"ANY", "status = ANY (" + array + ")"},
	{"pg_dump", "((status)::text = ANY ((" + array + ")::text[]))"},
	{"either", "status = 'asked' OR status = 'lent' OR status = 'back' OR status = 'void'"},
}

// others are the columns that a condition may name besides.
var others = regexp.MustCompile(`\b(n|m|kinds)\b`)

// A list that stands in a CHECK which does not say it passes in no form; and beside a CHECK
// that is the list, it does harm only where it names no other column.
func TestSQLListThatDoesNotDecide(t *testing.T) {
	for _, condition := range []string{
		"(%s) IS NOT TRUE", "%s IS NOT TRUE", "%s IS TRUE", "%s IS NULL", "(%s) IS NULL", "%s IS UNKNOWN", "%s = false", "(%s) = false", "(%s) = (n > 0)", "(n > 0) = (%s)",
		"%s <> x", "%s IS DISTINCT FROM true", "%s XOR true", "n > 0 AND %s XOR true", "n > 0 XOR %s", "%s & 0", "%s IN (true, false)", "(%s) IN (true, false)", "%s || x", "n > 0 AND %s || true",
		"NOT %s", "NOT (%s)", "NOT (NOT (%s))", "!(%s)", "!!(%s)", "n > 0 AND NOT (%s)", "(%s)::boolean", "((%s)::int = 0)", "(%s) COLLATE x", "coalesce((%s), true)", "coalesce(%s, n > 0)", "if(%s, 1, 1)",
		"nullif(%s, true)", "CASE WHEN %s THEN true ELSE true END", "CASE WHEN n > 0 AND %s AND n > 0 THEN true END", "CASE n WHEN 1 THEN true ELSE %s END", "%s OR true", "true OR %s",
		"n = 1 OR (%s)", "(n > 0 AND (%s)) OR n < 0", "status IS NULL OR n > 0 OR %s", "n BETWEEN 0 AND (%s)", "n NOT BETWEEN 0 AND (%s)", "EXISTS (SELECT 1 WHERE %s)", "(SELECT %s)", "ROW(%s) IS NOT NULL",
		"array_position(ARRAY[%s], true) = 1", "(%s) AND lower(status) = status", "(%s) AND status <> 'void'", "(%s) AND (n > 0 OR status = 'asked')", "(%s) AND status IS NULL", "(%s) AND n > 0 XOR true", "(%s) AND n > 0 || true", "n < end AND NOT (n > 0 AND (%s) AND m > 0)", "(%s) AND 'x' = ANY (ARRAY[n, status])", "(%s) AND kinds [n + status] = 'x'",
		"(%s) AND kinds[status] = 'x'", "n < end AND (%s) OR case", "%s BETWEEN 0 AND 1",
	} {
		for _, form := range forms {
			t.Run(form.name+" "+condition, func(t *testing.T) {
				check := "CHECK (" + fmt.Sprintf(condition, form.list) + ")"
				err := drift.SQLCheck(loans, "CREATE TABLE loans (\nstatus text "+check+");", "loans", "status")
				var source *drift.SourceError
				if !errors.As(err, &source) || source.Problem != alone || source.Line != 2 {
					t.Errorf("%s: got %v, want line 2: %s", check, err, alone)
				}
				err = drift.SQLCheck(loans, "CREATE TABLE loans (n int, m int, kinds text[],\nstatus text CHECK (status IN "+all+"), "+check+");", "loans", "status")
				switch more := others.MatchString(condition); {
				case more && err != nil:
					t.Errorf("beside a list: %s: %v", check, err)
				case !more && (!errors.As(err, &source) || source.Problem != alone || source.Line != 2):
					t.Errorf("of this column alone, beside a list: %s: got %v, want line 2: %s", check, err, alone)
				}
			})
		}
	}
}

// What only looks like the list is none.
func TestSQLNoList(t *testing.T) {
	inside := strings.Trim(all, "()")
	for _, condition := range []string{
		"status = ANY (" + array + " || ARRAY['x'])", "status = ANY (ARRAY['x'] || " + array + ")", "status = ANY (array_append(" + array + ", 'x'))", "status = ANY ((" + array + ")[1:2])",
		"status = ANY (" + array + "[1:2])", "status <> ALL (" + array + ")", "status = ALL (" + array + ")", "status <> ANY (" + array + ")", "NOT status = ANY (" + array + ")", "status NOT IN " + all,
		"status LIKE ANY (" + array + ")", "status = ANY ('{asked,lent,back,void}'::text[])", "status = ANY (ARRAY[[" + inside + "]])", "status IN (SELECT 'asked')", "status IN ('asked' 'lent', 'back', 'void')",
		"status IN (" + inside + " || 'x')", "status IN (" + inside + " COLLATE x)", "status IN (" + inside + ", NULL)", "status IN (" + inside + ", n)", "status IN ()", "status IN ('asked', )", "status = 'asked' = true", "status = kind", "kind = status AND kind IN " + all,
		"(status, n) IN (('asked', 1))", "(loan).status IN " + all, "other.status IN " + all, "status.kind IN " + all, "status[1] IN " + all, "status->'x' IN " + all, "(status->>'x') IN " + all, "status || 'x' IN " + all, "'x' || status IN " + all,
		"status::varchar(2) IN " + all, "(status)::char IN " + all, "status::citext IN " + all, "status::int::text IN " + all, "status COLLATE x IN " + all, "BINARY status IN " + all, "upper(status) IN " + all, "trim((status)) IN " + all, "nullif(status, 'x') IN " + all,
		"cast(status AS char(1)) IN " + all, "status IN ('asked'::char(4), 'lent', 'back', 'void')", "status IN (" + inside + "::\"char\")", "status IN ('asked'::varchar(x), 'lent', 'back', 'void')", "status = ANY ((" + array + ")::varchar(2)[])", "status = ANY (" + array + "::char[])",
		"status", "status IS NOT NULL", "status IS NULL", "status IS NULL OR status IS NULL", "status <> ''",
	} {
		t.Run(condition, func(t *testing.T) {
			err := drift.SQLCheck(loans, "CREATE TABLE loans (status text CHECK ("+condition+"));", "loans", "status")
			var source *drift.SourceError
			if !errors.As(err, &source) || source.Problem != alone || source.Line != 1 {
				t.Errorf("got %v, want line 1: %s", err, alone)
			}
		})
	}
}

func TestSQLListJoined(t *testing.T) {
	for _, condition := range []string{
		"%s AND NOT archived", "(%s) AND (a OR b)", "(a OR b) AND (%s)", "n BETWEEN 1 AND 2 AND (%s)", "(%s) AND CASE WHEN a THEN b END", "((n > 0) AND ((%s)) AND (a || b = 'x'))",
		"(%s) AND (status IS NOT NULL)", "((status)::text IS NOT NULL AND (%s)) AND (n > 0 AND m > 0)", "status IS NULL OR %s", "(status IS NULL) OR %s", "%s OR loans.status IS NULL", "(status IS NULL OR %s) AND n > 0",
	} {
		for _, form := range forms[:3] {
			text := "CREATE TABLE loans (status text, CHECK (" + fmt.Sprintf(condition, form.list) + "));"
			if err := drift.SQLCheck(loans, text, "loans", "status"); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// A schema that is asked for is the table's; a table written without one may be in any.
func TestSQLSchema(t *testing.T) {
	text := "CREATE TABLE app.loans (status text CHECK (status IN " + all + ")); CREATE TABLE old.loans (status text CHECK (status IN ('x')));"
	judge(t, []gate{
		{"one", "the other one is another table", "app.loans", ""},
		{"in brackets of SQL Server", "the database stands before it", "main.app.loans", ""},
		{"the other", "its list is judged", "old.loans", "gap: drift: the CHECK of old.loans.status is not what the machine loan says; missing here: asked, lent, back, void; unknown to the machine: x"},
		{"any", "which is meant", "loans", check + "line 1: " + tables},
		{"none", "there is no such table", "new.loans", strings.Replace(noTable, "of loans", "of new.loans", 1)},
	}, func(table string) error { return drift.SQLCheck(loans, text, table, "status") })
	if err := drift.SQLCheck(loans, "CREATE TABLE loans (status text CHECK (status IN "+all+"))", "app.loans", "status"); err != nil {
		t.Error(err)
	}
}
