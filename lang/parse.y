/* parse.y - tokens to tree, and nothing else: every action makes a node.
 *
 * Lists are left-recursive (struct nlist appends in O(1)); ON and AS are the only words that cannot start a
 * setting.  Words are otherwise not reserved: `word` is any of them, wherever a name is due.
 * `mark` remembers where a statement starts; errors are caught per statement and per declaration, where
 * scan_resync (scan.c) finds the next one.  Messages are made in hint.c. */
%code requires {
#include "lang/scan.h"
}
%code {
#include "lang/build.h"

#include <stdlib.h>

static int yylex(union value *v, struct span *sp, struct parser *p);
static void yyerror(const struct span *sp, struct parser *p, const char *msg);

/* Go on after an error: skip from the look-ahead to a token the parser can take. */
#define RESYNC(how) \
	do { \
		struct token t_ = { .kind = yychar, .v = yylval, .sp = yylloc }; \
		how(p, &t_); \
		yychar = t_.kind; \
		yylval = t_.v; \
		yylloc = t_.sp; \
		yyerrok; \
	} while (0)
#define YYLLOC_DEFAULT(cur, rhs, n) \
	((cur) = (n) ? (struct span){ YYRHSLOC(rhs, 1).lo, YYRHSLOC(rhs, n).hi } \
		     : (struct span){ YYRHSLOC(rhs, 0).hi, YYRHSLOC(rhs, 0).hi })
#define YYMALLOC xmalloc
#define YYFREE free
}

%define api.pure full
%define api.value.type {union value}
%define api.location.type {struct span}
%define api.token.prefix {TK_}
%define parse.error custom
%define parse.lac full
%expect 0
%locations
%param {struct parser *p}

%token START_FILE START_EXPR START_TEMPLATE
%token WORKFLOW "`workflow`" PARAM "`param`" TABLE "`table`" LET "`let`" DEFAULTS "`defaults`" CLUSTER "`cluster`"
%token TASK "`task`" USE "`use`" AS "`as`" IN "`in`" OUT "`out`" RUN "`run`" RETRY "`retry`" ON "`on`" AFTER "`after`"
%token MOUNT "`mount`" INPUT "`input`" OUTPUT "`output`" LOG "`log`" FOR "`for`" BY "`by`" IF "`if`" LABEL "`label`"
%token TRUE "`true`" FALSE "`false`"
%token <nm> NAME _("a name")
%token INT _("a number") FLOAT _("a number with a fraction") SIZE _("a size") DURATION _("a duration")
%token PLAIN _("a string") STR_BEGIN _("a string with `~{ }`") STR_END _("the end of the string")
%token TEXT _("text") INTERP_BEGIN "`~{`" INTERP_END _("the `}` of `~{ }`")
%token SCRIPT_BEGIN _("a script") SCRIPT_END _("the end of the script")
%token EQ "`==`" NE "`!=`" LE "`<=`" GE "`>=`" AND "`&&`" OR "`||`" ARROW "`->`" DOTS "`..`"
%token FAT_ARROW "`=>`" ASSIGN "`:=`"
%token BAD _("something unreadable")
%token '=' "`=`" ',' "`,`" ':' "`:`" '.' "`.`" '?' "`?`" '(' "`(`" ')' "`)`" '[' "`[`" ']' "`]`" '{' "`{`" '}' "`}`"
%token '+' "`+`" '-' "`-`" '*' "`*`" '/' "`/`" '%' "`%`" '<' "`<`" '>' "`>`" '!' "`!`"
%token YYEOF 0 _("the end of the file")

%type <nm> word setname
%type <n> decl task task_head stmt port part for cause after_name opt_if opt_type type default workflow_name site_label
%type <n> open opt_count port_type expr primary commas string plain script arg field opt_by map_mode
%type <l> decls stmts block opt_block ports fors causes after_list args arg_list exprs expr_list fields field_list
%type <l> parts opt_args

%right '?' ':'
%nonassoc DOTS
%left OR
%left AND
%nonassoc EQ NE '<' LE '>' GE
%left '+' '-'
%left '*' '/' '%'
%precedence UNARY

%%

start:
  START_FILE decls		{ build_file(p, $2); }
| START_EXPR expr		{ p->result = $2; }
| START_TEMPLATE parts		{ p->result = build_list(p, N_STRING, @2, 0, $2); }
;

decls:
  %empty			{ $$ = build_none(); }
| decls mark decl		{ $$ = build_append(p, $1, $3); }
| decls error			{ RESYNC(scan_resync_top); $$ = build_append(p, $1, build_error(p, @2)); }
;

mark:
  %empty			{ scan_mark(p, yychar, yylloc); }
;

decl:
  WORKFLOW workflow_name opt_block	{ $$ = build_first(p, N_WORKFLOW, @$, 0, $2, $3); }
| PARAM word opt_type default opt_block	{ $$ = build_param(p, @$, $2, $3, $4, $5); }
| TABLE word '=' expr		{ $$ = build_one(p, N_TABLE, @$, $2, $4); }
| LET word '=' expr		{ $$ = build_one(p, N_LET, @$, $2, $4); }
| DEFAULTS block		{ $$ = build_list(p, N_DEFAULTS, @$, 0, $2); }
| CLUSTER word block		{ $$ = build_list(p, N_CLUSTER, @$, $2, $3); }
| CLUSTER PLAIN block		{ $$ = build_quoted(p, N_CLUSTER, @$, @2, $3); }
| task
| USE plain opt_args		{ $$ = build_first(p, N_USE, @$, 0, $2, $3); }
| USE plain AS word opt_args	{ $$ = build_first(p, N_USE, @$, $4, $2, $5); }
| NAME site_label block		{ $$ = build_first(p, N_SITE, @$, $1, $2, $3); }
;

task:
  task_head fors opt_if block	{ $$ = build_task(p, @$, @4, $1, $2, $3, $4); }
| task_head error { RESYNC(scan_resync_body); } block
				{ $$ = build_bad_task(p, @$, @4, $1, $4); }
| TASK error { RESYNC(scan_resync_body); } block
				{ $$ = build_bad_task(p, @$, @4, build_leaf(p, N_TASK, @1, 0), $4); }
;
task_head:
  TASK word			{ $$ = build_leaf(p, N_TASK, @$, $2); }
| TASK PLAIN			{ $$ = build_quoted(p, N_TASK, @$, @2, build_none()); }
;

workflow_name: %empty		{ $$ = build_absent(p); }
| string
;
opt_type: %empty		{ $$ = build_absent(p); }
| ':' type			{ $$ = $2; }
;
type: word			{ $$ = build_leaf(p, N_TYPE, @$, $1); }
| word '(' type ')'		{ $$ = build_one(p, N_TYPE, @$, $1, $3); }
;
default: %empty			{ $$ = build_absent(p); }
| '=' expr			{ $$ = $2; }
;
site_label: %empty		{ $$ = build_absent(p); }
| word				{ $$ = build_leaf(p, N_NAME, @$, $1); }
| plain
;
opt_args: %empty		{ $$ = build_none(); }
| '(' args ')'			{ $$ = $2; }
;

fors: %empty			{ $$ = build_none(); }
| fors for			{ $$ = build_append(p, $1, $2); }
;
for: FOR word IN expr opt_by	{ $$ = build_two(p, N_FOR, @$, $2, $4, $5); }
;
opt_by: %empty			{ $$ = 0; }
| BY word			{ $$ = build_leaf(p, N_NAME, @2, $2); }
;
opt_if: %empty			{ $$ = 0; }
| IF expr			{ $$ = build_one(p, N_IF, @$, 0, $2); }
;

opt_block: %empty		{ $$ = build_none(); }
| block
;
block: open stmts '}'		{ scan_close_block(p, $1); $$ = $2; }
;
open: '{'			{ $$ = scan_open_block(p, @1); }
;
stmts: %empty			{ $$ = build_none(); }
| stmts mark stmt		{ $$ = build_append(p, $1, $3); }
| stmts error			{ RESYNC(scan_resync); $$ = build_append(p, $1, build_error(p, @2)); }
;

stmt:
  IN ports			{ $$ = build_list(p, N_IN, @$, 0, $2); }
| OUT ports			{ $$ = build_list(p, N_OUT, @$, 0, $2); }
| RUN string			{ $$ = build_one(p, N_RUN, @$, 0, $2); }
| RUN script			{ $$ = build_one(p, N_RUN, @$, 0, $2); }
| RUN BAD			{ $$ = build_error(p, @$); }
| RUN NAME BAD			{ $$ = build_error(p, @$); }
| RUN NAME script		{ $$ = build_one(p, N_RUN, @$, $2, $3); }
| RETRY expr			{ $$ = build_one(p, N_RETRY, @$, 0, $2); }
| RETRY expr ON causes		{ $$ = build_first(p, N_RETRY, @$, 0, $2, $4); }
| AFTER after_list		{ $$ = build_list(p, N_AFTER, @$, 0, $2); }
| MOUNT expr ARROW expr map_mode { $$ = build_map(p, @$, MAP_MOUNT, $2, $4, $5); }
| INPUT expr ARROW expr		{ $$ = build_map(p, @$, MAP_INPUT, $2, $4, 0); }
| OUTPUT expr ARROW expr	{ $$ = build_map(p, @$, MAP_OUTPUT, $2, $4, 0); }
| LOG expr ARROW expr		{ $$ = build_map(p, @$, MAP_LOG, $2, $4, 0); }
| LABEL string			{ $$ = build_one(p, N_LABEL, @$, 0, $2); }
| setname '=' expr		{ $$ = build_one(p, N_SET, @$, $1, $3); }
| PLAIN '=' expr		{ $$ = build_quoted(p, N_SET, @$, @1, build_append(p, build_none(), $3)); }
| NAME block			{ $$ = build_first(p, N_BLOCK, @$, $1, build_absent(p), $2); }
| NAME NAME block		{ $$ = build_first(p, N_BLOCK, @$, $1, build_leaf(p, N_NAME, @2, $2), $3); }
| CLUSTER block			{ $$ = build_first(p, N_BLOCK, @$, build_word(p, @1), build_absent(p), $2); }
;

ports: port			{ $$ = build_append(p, build_none(), $1); }
| ports ',' port		{ $$ = build_append(p, $1, $3); }
;
port: word opt_count port_type '=' expr opt_block
				{ $$ = build_port(p, @$, $1, $2, $3, $5, $6); }
;
port_type: %empty		{ $$ = 0; }
| ':' type			{ $$ = $2; }
;
opt_count: %empty		{ $$ = 0; }
| '[' ']'			{ $$ = build_leaf(p, N_COUNT, @$, 0); }
| '[' expr ']'			{ $$ = build_one(p, N_COUNT, @$, 0, $2); }
;
causes: cause			{ $$ = build_append(p, build_none(), $1); }
| causes ',' cause		{ $$ = build_append(p, $1, $3); }
;
cause: word			{ $$ = build_leaf(p, N_CAUSE, @$, $1); }
| word '(' expr ')'		{ $$ = build_one(p, N_CAUSE, @$, $1, $3); }
;
after_list: after_name		{ $$ = build_append(p, build_none(), $1); }
| after_list ',' after_name	{ $$ = build_append(p, $1, $3); }
;
after_name: word		{ $$ = build_leaf(p, N_NAME, @$, $1); }
| PLAIN				{ $$ = build_quoted(p, N_NAME, @$, @1, build_none()); }
| after_name '.' word		{ $$ = build_one(p, N_MEMBER, @$, $3, $1); }
;
map_mode: %empty		{ $$ = 0; }
| ':' word			{ $$ = build_leaf(p, N_NAME, @2, $2); }
;

expr: primary
| '-' expr %prec UNARY		{ $$ = build_op(p, N_UNARY, @$, OP_NEG, $2, 0); }
| '!' expr %prec UNARY		{ $$ = build_op(p, N_UNARY, @$, OP_NOT, $2, 0); }
| expr '+' expr			{ $$ = build_op(p, N_BINARY, @$, OP_ADD, $1, $3); }
| expr '-' expr			{ $$ = build_op(p, N_BINARY, @$, OP_SUB, $1, $3); }
| expr '*' expr			{ $$ = build_op(p, N_BINARY, @$, OP_MUL, $1, $3); }
| expr '/' expr			{ $$ = build_op(p, N_BINARY, @$, OP_DIV, $1, $3); }
| expr '%' expr			{ $$ = build_op(p, N_BINARY, @$, OP_MOD, $1, $3); }
| expr EQ expr			{ $$ = build_op(p, N_BINARY, @$, OP_EQ, $1, $3); }
| expr NE expr			{ $$ = build_op(p, N_BINARY, @$, OP_NE, $1, $3); }
| expr '<' expr			{ $$ = build_op(p, N_BINARY, @$, OP_LT, $1, $3); }
| expr LE expr			{ $$ = build_op(p, N_BINARY, @$, OP_LE, $1, $3); }
| expr '>' expr			{ $$ = build_op(p, N_BINARY, @$, OP_GT, $1, $3); }
| expr GE expr			{ $$ = build_op(p, N_BINARY, @$, OP_GE, $1, $3); }
| expr AND expr			{ $$ = build_op(p, N_BINARY, @$, OP_AND, $1, $3); }
| expr OR expr			{ $$ = build_op(p, N_BINARY, @$, OP_OR, $1, $3); }
| expr DOTS expr		{ $$ = build_two(p, N_RANGE, @$, 0, $1, $3); }
| expr '?' expr ':' expr	{ $$ = build_cond(p, @$, $1, $3, $5); }
;

primary:
  word				{ $$ = build_leaf(p, N_NAME, @$, $1); }
| word '(' args ')'		{ $$ = build_list(p, N_CALL, @$, $1, $3); }
| primary '.' word		{ $$ = build_one(p, N_MEMBER, @$, $3, $1); }
| primary '[' expr ']'		{ $$ = build_two(p, N_INDEX, @$, 0, $1, $3); }
| primary '[' '*' ']'		{ $$ = build_one(p, N_ALL, @$, 0, $1); }
| commas expr ']'		{ $$ = build_two(p, N_INDEX, @$, 0, $1, $2); }
| commas '*' ']'		{ $$ = build_one(p, N_ALL, @$, 0, $1); }
| '(' expr ')'			{ $$ = build_one(p, N_PAREN, @$, 0, $2); }
| '[' exprs ']'			{ $$ = build_list(p, N_LIST, @$, 0, $2); }
| '{' fields '}'		{ $$ = build_list(p, N_RECORD, @$, 0, $2); }
| INT				{ $$ = build_literal(p, N_INT, @$); }
| FLOAT				{ $$ = build_literal(p, N_FLOAT, @$); }
| SIZE				{ $$ = build_literal(p, N_SIZE, @$); }
| DURATION			{ $$ = build_literal(p, N_DURATION, @$); }
| TRUE				{ $$ = build_op(p, N_BOOL, @$, 1, 0, 0); }
| FALSE				{ $$ = build_op(p, N_BOOL, @$, 0, 0, 0); }
| string
| BAD				{ $$ = build_error(p, @$); }
;

/* a[x, y] where a[x][y] was meant */
commas: primary '[' expr ','	{ $$ = build_two(p, N_INDEX, @$, 0, $1, $3); hint_selectors(p, @4); }
| primary '[' '*' ','		{ $$ = build_one(p, N_ALL, @$, 0, $1); hint_selectors(p, @4); }
| commas expr ','		{ $$ = build_two(p, N_INDEX, @$, 0, $1, $2); hint_selectors(p, @3); }
| commas '*' ','		{ $$ = build_one(p, N_ALL, @$, 0, $1); hint_selectors(p, @3); }
;

args: %empty			{ $$ = build_none(); }
| arg_list
| arg_list ','
;
arg_list: arg			{ $$ = build_append(p, build_none(), $1); }
| arg_list ',' arg		{ $$ = build_append(p, $1, $3); }
;
arg: expr			{ $$ = build_one(p, N_ARG, @$, 0, $1); }
| word '=' expr			{ $$ = build_one(p, N_ARG, @$, $1, $3); }
;
exprs: %empty			{ $$ = build_none(); }
| expr_list
| expr_list ','
;
expr_list: expr			{ $$ = build_append(p, build_none(), $1); }
| expr_list ',' expr		{ $$ = build_append(p, $1, $3); }
;
fields: %empty			{ $$ = build_none(); }
| field_list
| field_list ','
;
field_list: field		{ $$ = build_append(p, build_none(), $1); }
| field_list ',' field		{ $$ = build_append(p, $1, $3); }
;
field: word '=' expr		{ $$ = build_one(p, N_ARG, @$, $1, $3); }
| PLAIN '=' expr		{ $$ = build_quoted(p, N_ARG, @$, @1, build_append(p, build_none(), $3)); }
;

string: plain
| STR_BEGIN parts STR_END	{ $$ = build_list(p, N_STRING, @$, 0, $2); }
;
plain: PLAIN			{ $$ = build_plain(p, @$); }
;
script: SCRIPT_BEGIN parts SCRIPT_END	{ $$ = build_script(p, @$, $2); }
;
parts: %empty			{ $$ = build_none(); }
| parts part			{ $$ = build_append(p, $1, $2); }
;
part: TEXT			{ $$ = build_text(p, @$); }
| INTERP_BEGIN expr INTERP_END	{ $$ = build_one(p, N_INTERP, @$, 0, $2); }
| INTERP_BEGIN error INTERP_END	{ yyerrok; scan_recovered(p); $$ = build_error(p, @$); }
;

word: setname
| ON				{ $$ = build_word(p, @$); }
;
setname: NAME
| keyword			{ $$ = build_word(p, @$); }
;
keyword: WORKFLOW | PARAM | TABLE | LET | DEFAULTS | CLUSTER | TASK | USE | AS | IN | OUT | RUN | RETRY | AFTER | MOUNT
| INPUT | OUTPUT | LOG | FOR | BY | IF | LABEL
;

%%

static int yylex(union value *v, struct span *sp, struct parser *p)
{
	struct token t;

	scan_token(p, &t);
	*v = t.v;
	*sp = t.sp;
	return t.kind;
}

/* Only bison's own troubles come here: its stack is full (YYMAXDEPTH). */
static void yyerror(const struct span *sp, struct parser *p, const char *msg)
{
	(void)msg;
	build_too_deep(p, *sp);
}

static int yyreport_syntax_error(const yypcontext_t *ctx, struct parser *p)
{
	yysymbol_kind_t kinds[YYNTOKENS];
	struct expected e[YYNTOKENS];
	int n = yypcontext_expected_tokens(ctx, kinds, YYNTOKENS), k = 0;

	for (int c = 0; c <= YYMAXUTOK; c++)
		for (int i = 0; i < n; i++)
			if (YYTRANSLATE(c) == kinds[i])
				e[k++] = (struct expected){ c, yysymbol_name(kinds[i]) };
	syntax_error(p, yysymbol_name(yypcontext_token(ctx)), e, k);
	return 0;
}

/* Parse p->text from the entry p->start; what was built is in the tree. */
bool parse_run(struct parser *p)
{
	bool ok = lex_open(p) && !yyparse(p);

	lex_close(p);
	free(p->bracket);
	return ok;
}
