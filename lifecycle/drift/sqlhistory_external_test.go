package drift_test

import (
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle/drift"
)

const (
	good   = "CREATE TABLE loans (status text CONSTRAINT c CHECK (status IN " + all + "));\n"
	anon   = "CREATE TABLE loans (status text CHECK (status IN " + all + "));\n"
	typed  = "CREATE TYPE app.word AS ENUM " + all + "; CREATE TABLE loans (status app.word);\n"
	listed = "CREATE TABLE loans (status ENUM" + all + ");\n"
	lifted = check + "line 2: " + dropped
	moved  = check + "line 2: the table may be dropped, moved or renamed here: hand over the schema as it stands, not its history"
	retype = check + "line 2: the type is altered or dropped here: hand over the schema as it stands, not its history"
	twice  = check + "line 2: " + tables
	folded = check + "line 1: the column's type or COLLATE may ignore case, and let in more than its list"
	second = check + "line 2: " + alone
	nested = check + "line 2: a comment in a comment ends earlier to one database than to another"
	coded  = check + "line 2: a comment with code is code to one database and a comment to another"
	dashes = check + "line 2: -- without a blank behind it is an operator to one database and a comment to another"
)

// What takes a list away behind it, or may, is refused; what a database prints behind its
// tables is not.
func TestSQLHistory(t *testing.T) {
	judge(t, []gate{
		{"a column dropped", "its CHECK goes with it", good + "ALTER TABLE loans DROP COLUMN status; ALTER TABLE loans ADD COLUMN status text;", lifted},
		{"a column dropped without the word", "the same", good + "ALTER TABLE loans DROP status", lifted},
		{"a column renamed", "the list is another's", good + "ALTER TABLE loans RENAME COLUMN status TO old; ALTER TABLE loans ADD COLUMN status text;", lifted},
		{"a constraint renamed", "the name dropped later is not the list's", good + "ALTER TABLE loans RENAME CONSTRAINT c TO d; ALTER TABLE loans DROP CONSTRAINT d;", lifted},
		{"the table renamed", "another one takes its name", good + "ALTER TABLE loans RENAME TO old", lifted},
		{"the table moved", "the same", good + "ALTER TABLE loans SET SCHEMA old", lifted},
		{"modified", "to another type", listed + "ALTER TABLE loans MODIFY status VARCHAR(20);", lifted},
		{"changed", "to another type", listed + "ALTER TABLE loans CHANGE status status VARCHAR(20);", lifted},
		{"of another type", "the list was the type's", typed + "ALTER TABLE loans ALTER COLUMN status TYPE text;", lifted},
		{"all", "the list is one of them", good + "ALTER TABLE loans NOCHECK CONSTRAINT ALL", lifted},
		{"disabled", "as Oracle has it", good + "ALTER TABLE loans DISABLE CONSTRAINT c", lifted},
		{"modified to be disabled", "the same", good + "ALTER TABLE loans MODIFY CONSTRAINT c DISABLE", lifted},
		{"a list of names", "the second is the list's", good + "ALTER TABLE loans DROP CONSTRAINT d, c", lifted},
		{"without the word", "SQL Server needs none", good + "ALTER TABLE loans DROP c", lifted},
		{"any name without the word", "the list's is not known", anon + "ALTER TABLE loans DROP n", lifted},
		{"in one statement", "the list was there before", "CREATE TABLE loans (status text);\nALTER TABLE loans ADD CONSTRAINT c CHECK (status IN " + all + "), ALTER CHECK c NOT ENFORCED", lifted},
		{"a column that the CHECK names", "it goes with each of them", "CREATE TABLE loans (n int, status text, CONSTRAINT c CHECK (n > 0 AND status IN " + all + "));\nALTER TABLE loans DROP COLUMN n", lifted},
		{"a partition", "what it holds is not known", good + "ALTER TABLE loans EXCHANGE PARTITION p WITH TABLE t", lifted},
		{"a partition dropped", "the word is no column's name", good + "ALTER TABLE loans DROP PARTITION p", lifted},
		{"dropped", "and made anew", good + "DROP TABLE IF EXISTS n, public.loans CASCADE; CREATE TABLE loans (status text);", moved},
		{"dropped without a semicolon", "as SQL Server lets it", good[:len(good)-2] + "\nDROP TABLE [loans]\nGO", moved},
		{"rebuilt", "SQLite has no other way", good + "CREATE TABLE loans_new (status text); DROP TABLE loans; ALTER TABLE loans_new RENAME TO loans;", moved},
		{"another one renamed", "it takes its name", good + "ALTER TABLE loans_new RENAME TO loans;", moved},
		{"two renamed", "as MySQL has it", good + "RENAME TABLE loans TO old, loans_new TO loans;", moved},
		{"a schema dropped", "it may be the table's", good + "DROP SCHEMA app CASCADE", moved},
		{"a schema altered", "it may be the table's", good + "ALTER SCHEMA old TRANSFER dbo.loans", moved},
		{"a type dropped", "the column goes with it", typed + "DROP TYPE IF EXISTS x, word CASCADE; CREATE TYPE app.word AS ENUM " + all, retype},
		{"a type renamed", "another may take its name", typed + "ALTER TYPE word RENAME TO old", retype},
		{"a type altered beside a list", "the column holds other values", "CREATE TYPE word AS ENUM " + all + "; CREATE TABLE loans (status word CHECK (status IN " + all + "));\nALTER TYPE word ADD VALUE 'x'", retype},

		{"as mysqldump prints", "nothing is taken away", "DROP TABLE IF EXISTS `loans`;\n" + anon + "/*!40000 ALTER TABLE `loans` DISABLE KEYS */;\n/*!40000 ALTER TABLE `loans` ENABLE KEYS */;", ""},
		{"as pg_dump prints", "nothing is taken away", typed + "ALTER TYPE app.word OWNER TO x; ALTER TABLE loans OWNER TO x; ALTER TABLE ONLY loans ALTER COLUMN id SET DEFAULT nextval('s'); ALTER TABLE ONLY loans ALTER COLUMN status SET DEFAULT 'asked'; ALTER TABLE ONLY loans REPLICA IDENTITY FULL; ALTER TABLE loans ENABLE ROW LEVEL SECURITY;", ""},
		{"as SQL Server prints", "the CHECK comes into force", anon + "ALTER TABLE loans WITH CHECK ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES x (a, b)\nGO\nALTER TABLE loans CHECK CONSTRAINT [c]\nGO", ""},
		{"as phpMyAdmin prints", "keys and numbers", anon + "ALTER TABLE `loans` ADD PRIMARY KEY (`id`), ADD KEY `k` (`a`,`b`);\nALTER TABLE `loans` MODIFY `id` int NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=3;", ""},
		{"other tables and what hangs on this one", "the list stays", good + "DROP TABLE loans_old; DROP INDEX i ON loans; ALTER TABLE others RENAME TO more; DROP TYPE word; ALTER TABLE others DROP CONSTRAINT c", ""},
		{"other columns", "the list stays", good + "ALTER TABLE loans DROP COLUMN IF EXISTS n CASCADE, CHANGE a b int, DROP CONSTRAINT d, ALTER COLUMN m TYPE text", ""},
	}, func(text string) error { return drift.SQLCheck(loans, text, "loans", "status") })
}

func TestSQLWhichTable(t *testing.T) {
	judge(t, []gate{
		{"twice", "which of them stands", good + "CREATE TABLE IF NOT EXISTS loans (status text);", twice},
		{"replaced", "the list is gone", good + "CREATE OR REPLACE TABLE loans (status text);", twice},
		{"in two schemas", "which of them is meant", "CREATE TABLE app.loans (status text CHECK (status IN " + all + "));\nCREATE TABLE public.loans (status text);", twice},
		{"altered in another schema", "the list is another table's", "CREATE TABLE app.loans (status text);\nALTER TABLE public.loans ADD CHECK (status IN " + all + ")", twice},
		{"temporary", "it is another table", "CREATE TABLE loans (status text); CREATE TEMP TABLE loans (status text CHECK (status IN " + all + "));", noList},
		{"foreign", "the database does not ask it", "CREATE FOREIGN TABLE loans (status text CHECK (status IN " + all + ")) SERVER s", noTable},
		{"global", "it is a temporary one", "CREATE GLOBAL TEMPORARY TABLE loans (status text CHECK (status IN " + all + "))", noTable},
		{"in a body", "it is another table", "CREATE PROCEDURE p() BEGIN CREATE TEMPORARY TABLE loans (status text); END; CREATE UNLOGGED TABLE loans (status text CHECK (status IN " + all + "));", ""},
	}, func(text string) error { return drift.SQLCheck(loans, text, "loans", "status") })
	text := "CREATE TABLE public.loans (status text);\nCREATE TABLE loans (status text CHECK (status IN " + all + "));"
	judge(t, []gate{{"a schema and none", "the second may be the first", text, strings.Replace(twice, "loans.status", "public.loans.status", 1)}},
		func(text string) error { return drift.SQLCheck(loans, text, "public.loans", "status") })
}

// What the column holds is not what the list says, although the list is the machine's.
func TestSQLColumn(t *testing.T) {
	judge(t, []gate{
		{"a value taken away", "the machine needs it", "CREATE TABLE loans (status text CHECK (status IN " + all + "),\nCHECK (status <> 'void'));", second},
		{"a value taken away before", "the same", "CREATE TABLE loans (n int,\nstatus text CHECK (length(status) < 5), CHECK (status IN " + all + "));", second},
		{"a function and a type by a column's name", "they are no column", "CREATE TABLE loans (length int, text text,\nstatus text CHECK (length(status::text) < 5), CHECK (status IN " + all + "));", second},
		{"later", "it holds as well", good + "ALTER TABLE loans ADD CHECK (status LIKE '%a%')", second},
		{"LIKE", "the word is no column's name", "CREATE TABLE loans (LIKE x,\nstatus text CHECK (status LIKE '%a%'), CHECK (status IN " + all + "));", second},
		{"not null", "the list asks as much", "CREATE TABLE loans (status text CHECK (status IN " + all + "), CHECK (status IS NOT NULL));", ""},
		{"a column added later", "it asks of that one", good + "ALTER TABLE loans ADD COLUMN n int, ADD CHECK (n > 0 OR status = 'back')", ""},
		{"citext", "Asked is asked to it", "CREATE TABLE loans (status citext CHECK (status IN " + all + "));", folded},
		{"citext by its schema", "the same", "CREATE TABLE loans (status public.citext, CHECK (status IN " + all + "));", folded},
		{"citext later", "the same", "CREATE TABLE loans (n int); ALTER TABLE loans ADD COLUMN IF NOT EXISTS status citext, ADD CHECK (status IN " + all + ");", folded},
		{"citext between columns by the names of keywords", "each is defined", "CREATE TABLE loans (case int, status citext CHECK (status IN " + all + "), end int);", folded},
		{"values of citext", "they compare so", "CREATE TABLE loans (status text CHECK (status IN ('asked'::public.citext, 'lent', 'back', 'void')));", partial},
		{"NOCASE", "of SQLite's", "CREATE TABLE loans (status TEXT COLLATE NOCASE CHECK (status IN " + all + "));", folded},
		{"a collation", "of SQL Server's", "CREATE TABLE loans ([status] [varchar](20) COLLATE Latin1_General_CI_AS CHECK ([status] IN " + all + "));", folded},
		{"a collation of one's own", "nobody knows it", "CREATE TABLE loans (status text COLLATE app.\"C_x\" CHECK (status IN " + all + "));", folded},
		{"C", "it compares bytes", "CREATE TABLE loans (name citext, status text COLLATE pg_catalog.\"C\" CHECK (status IN " + all + "));", ""},
		{"_bin", "it compares bytes", "CREATE TABLE loans (status varchar(9) COLLATE utf8mb4_bin CHECK (status IN " + all + "), name text COLLATE x);", ""},
		{"nchar", "it is one character", "CREATE TABLE loans (status text CHECK (status IN ('asked'::nchar, 'lent', 'back', 'void')));", partial},
		{"a built-in type's name", "one's own needs its schema", "CREATE TYPE app.text AS ENUM " + all + "; CREATE TABLE loans (status text)", noList},
		{"a built-in type's name in a schema", "it is one's own", "CREATE TYPE app.text AS ENUM " + all + "; CREATE TABLE loans (status app.text)", ""},
		{"a type behind the name elsewhere", "the column is not defined there", "CREATE TYPE is AS ENUM " + all + "; CREATE TABLE loans (n int, status text CHECK (status IS NOT NULL), CONSTRAINT status is)", partial},
	}, func(text string) error { return drift.SQLCheck(loans, text, "loans", "status") })
}

// What one database reads and another skips is refused within the table; the data of a dump
// is no statement.
func TestSQLComments(t *testing.T) {
	begin := "CREATE TABLE loans (status text,\nCHECK (status IN " + all
	judge(t, []gate{
		{"nested", "MySQL ends it earlier", begin + " /* /* */ OR true -- */\n))", nested},
		{"code of MariaDB's", "it reads it", begin + " /*M! OR true */))", coded},
		{"code of MySQL's", "it reads it", "CREATE TABLE loans (status text,\nCHECK (status IN ('asked') /*! OR status IN ('lent', 'back', 'void') */))", coded},
		{"code with a version", "the same", "CREATE TABLE loans (status text,\nCHECK (status IN ('asked') /*!80000 OR status IN ('lent', 'back', 'void') */))", coded},
		{"dashes", "MySQL subtracts", begin + "\n--n\n));", strings.Replace(dashes, "line 2", "line 3", 1)},
		{"before an action", "the same", good + "ALTER TABLE /* /* */ loans -- */ loans\nADD n int", nested},
		{"before and behind", "it is not in the table", "--------\n/* /* */ */\n" + good + "--changeset x:1\n/*M!999999\\- enable */;\n/*!40101 SET x = 1 */;", ""},
		{"words", "as mysqldump prints them", "CREATE TABLE loans (n int /*!80023 INVISIBLE */, status text CHECK (status IN " + all + "))\n/*!50100 PARTITION BY HASH (n) */;", ""},
		{"data", "it holds quotes and statements", "COPY public.people (id, name) FROM stdin;\n1\tO'Hara\n2\t; " + anon + "\\.\n" + good, ""},
		{"data with a table", "it is none", "COPY notes FROM stdin WITH (FORMAT text);\n; " + anon + "\\.\n", noTable},
		{"no data", "nothing stands before its end", "COPY notes (id) FROM stdin;\n\\.\r\n" + anon, ""},
		{"lines behind data", "they are counted", "COPY notes FROM stdin;\nx'\ny\n\\.\n" + "CREATE TABLE loans (status text CHECK (status <> 'x'))", strings.Replace(second, "line 2", "line 5", 1)},
		{"data that does not end", "nothing can be said", "COPY notes FROM stdin;\n" + good, endless},
		{"data from elsewhere", "the statement ends there", "COPY notes FROM 'file'; " + good, ""},
		{"no COPY", "no data follows", "SELECT stdin; " + good, ""},
	}, func(text string) error { return drift.SQLCheck(loans, text, "loans", "status") })
}

// More ways in which databases write the list.
func TestSQLForms(t *testing.T) {
	for _, form := range []string{
		"CHECK (([status]=N'void' OR [status]=N'back' OR [status]=N'lent' OR [status]=N'asked'))",
		"CHECK NOT FOR REPLICATION (status IN (N'asked', n'lent', N'back', N'void'))",
		"CHECK (status IN ('asked':::STRING, 'lent':::STRING, 'back':::STRING, 'void':::STRING))",
		"CHECK (status::STRING = ANY ARRAY['asked':::STRING, 'lent', 'back', 'void'])",
		"CHECK (((status = 'asked' OR status = 'lent') OR status = 'back') OR (status = 'void' OR status IS NULL))",
		"CHECK (status == 'asked' OR status == 'lent' OR status == 'back' OR status == 'void')",
	} {
		if err := drift.SQLCheck(loans, "CREATE TABLE loans (status text "+form+")", "loans", "status"); err != nil {
			t.Errorf("%s: %v", form, err)
		}
	}
}
