package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
)

// source is one file of the module.
type source struct {
	name  string // from the module's root
	bytes []byte
	lines []string
	set   *token.FileSet
	ast   *ast.File
}

func readSource(name string) (*source, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s := &source{name: name, bytes: b, lines: strings.Split(string(b), "\n"), set: token.NewFileSet()}
	s.ast, err = parser.ParseFile(s.set, name, b, parser.SkipObjectResolution)
	return s, err
}

// at is the place of a kind at a line and a column, both from 1; column 0 marks nothing.
func (s *source) at(kind string, line, column int) place {
	text := s.lines[line-1]
	if column > 0 {
		text = text[:column-1] + mark + text[column-1:]
	}
	return place{s.name, s.function(line), kind, strings.TrimSpace(text)}
}

// function names the function that holds the line.
func (s *source) function(line int) string {
	for _, d := range s.ast.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || line < s.set.Position(f.Pos()).Line || line > s.set.Position(f.End()).Line {
			continue
		}
		if f.Recv == nil {
			return f.Name.Name
		}
		return receiver(f.Recv.List[0].Type) + "." + f.Name.Name
	}
	return "-"
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	}
	return "-"
}

// doubtful are the changes that may not compile: of text that is added, of an address, of
// a break outside of a loop. Every other change that gremlins makes does.
var doubtful = map[string]string{"+": "-", "+=": "-=", "&": "|", "^": "&", "break": "continue"}

var operator = regexp.MustCompile(`^(\+=|\+\+|&&|&\^|&=|\^=|[+&^]|break\b)`)

// doubt gives the file with the token of a mutant changed, where that may not compile.
func (s *source) doubt(kind string, line, column int) (changed []byte, ok bool) {
	if kind == "REMOVE_SELF_ASSIGNMENTS" {
		return nil, false
	}
	start := s.set.File(s.ast.Pos()).LineStart(line)
	offset := s.set.Position(start).Offset + column - 1
	was := string(operator.Find(s.bytes[offset:]))
	becomes, ok := doubtful[was]
	if !ok {
		return nil, false
	}
	return []byte(string(s.bytes[:offset]) + becomes + string(s.bytes[offset+len(was):])), true
}
