"""What is looked for in a syntax tree, by grammar: tree-sitter's query language.

Captures named as a symbol kind are definitions, `outer` is what a definition's decorators stand in,
`import` what brings other files in. Names are captured where they are used: `call` what is called,
`type` where only a type can stand, `member` after a dot, `name` elsewhere. All of it is one query,
because walking the tree costs more than what is found in it.
"""

_PYTHON = """
(function_definition) @function
(class_definition) @class
(module (expression_statement (assignment left: (identifier)) @constant))
(class_definition body: (block (expression_statement
  (assignment left: (identifier)) @constant)))
(decorated_definition) @outer
[(import_statement) (import_from_statement)] @import
(call function: [(identifier) @call (attribute attribute: (identifier) @call)])
(type (identifier) @type.use)
(class_definition superclasses: (argument_list (identifier) @type.use))
(attribute attribute: (identifier) @member)
(identifier) @name
"""

_JAVASCRIPT = """
[(class_declaration) (class name: (_))] @class
[(function_declaration) (generator_function_declaration)] @function
(variable_declarator name: (identifier)
  value: [(arrow_function) (function_expression) (generator_function)]) @function
(variable_declarator name: (identifier) value: (class)) @class
(assignment_expression left: [(identifier) (member_expression)]
  right: [(arrow_function) (function_expression) (generator_function)]) @function
(assignment_expression left: [(identifier) (member_expression)] right: (class)) @class
(pair key: [(property_identifier) (string)]
  value: [(arrow_function) (function_expression) (generator_function)]) @function
(method_definition) @method
(program (lexical_declaration (variable_declarator name: (identifier)) @constant))
(program (variable_declaration (variable_declarator name: (identifier)) @constant))
(export_statement
  (lexical_declaration (variable_declarator name: (identifier)) @constant))
(export_statement declaration: (_)) @outer
[(import_statement) (export_statement source: (_))] @import
(call_expression function: (import)) @import
((call_expression function: (identifier) @_require arguments: (arguments . (string))) @import
  (#eq? @_require "require"))
((variable_declarator value: (call_expression function: (identifier) @_require)) @import
  (#eq? @_require "require"))
(call_expression function: [(identifier) @call
  (member_expression property: [(property_identifier) (private_property_identifier)] @call)])
(new_expression constructor: [(identifier) @call
  (member_expression property: (property_identifier) @call)])
[(property_identifier) (private_property_identifier)] @member
[(identifier) (shorthand_property_identifier)] @name
"""

_JSX = """
(jsx_opening_element name: (identifier) @call)
(jsx_self_closing_element name: (identifier) @call)
"""

_JAVASCRIPT_FIELDS = """
(field_definition value: [(arrow_function) (function_expression)]) @method
(class_heritage (identifier) @type.use)
"""

_TYPESCRIPT = """
(abstract_class_declaration) @class
(public_field_definition value: [(arrow_function) (function_expression)]) @method
(interface_declaration) @interface
(type_alias_declaration) @type
(enum_declaration) @enum
[(internal_module) (module)] @module
(function_signature) @function
[(method_signature) (abstract_method_signature)] @method
(extends_clause value: (identifier) @type.use)
(type_identifier) @type.use
"""

_RUST = """
(struct_item) @struct
(union_item) @struct
(enum_item) @enum
(trait_item) @trait
(impl_item) @impl
(mod_item body: (_)) @module
(macro_definition) @macro
[(function_item) (function_signature_item)] @function
[(const_item) (static_item)] @constant
[(type_item) (associated_type)] @type
[(use_declaration) (extern_crate_declaration)] @import
(mod_item !body) @import
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call)
  (scoped_identifier name: (identifier) @call)
  (generic_function function: [(identifier) @call (scoped_identifier name: (identifier) @call)])])
(macro_invocation macro: [(identifier) @call (scoped_identifier name: (identifier) @call)])
(type_identifier) @type.use
(field_identifier) @member
(identifier) @name
"""

_GO = """
(function_declaration) @function
(method_declaration) @method
(type_spec type: (struct_type)) @struct
(type_spec type: (interface_type)) @interface
[(type_spec) (type_alias)] @type
(source_file (const_declaration (const_spec) @constant))
(source_file (var_declaration (var_spec) @constant))
(source_file (var_declaration (var_spec_list (var_spec) @constant)))
(import_spec) @import
(call_expression
  function: [(identifier) @call (selector_expression field: (field_identifier) @call)])
(type_identifier) @type.use
(field_identifier) @member
(identifier) @name
"""

_JAVA = """
[(class_declaration) (record_declaration)] @class
[(interface_declaration) (annotation_type_declaration)] @interface
(enum_declaration) @enum
[(method_declaration) (constructor_declaration) (compact_constructor_declaration)] @method
(field_declaration (modifiers "static" "final") declarator: (variable_declarator) @constant)
(import_declaration) @import
(method_invocation name: (identifier) @call)
(object_creation_expression type: [(type_identifier) @call (generic_type (type_identifier) @call)])
[(marker_annotation name: (identifier) @type.use) (annotation name: (identifier) @type.use)]
(type_identifier) @type.use
(field_access field: (identifier) @member)
(identifier) @name
"""

_C = """
(function_definition) @function
(struct_specifier name: (_) body: (_)) @struct
(union_specifier name: (_) body: (_)) @struct
(enum_specifier name: (_) body: (_)) @enum
(type_definition) @type
(preproc_function_def) @macro
(preproc_def value: (_)) @macro
(translation_unit (declaration declarator: (init_declarator)) @constant)
(preproc_ifdef (declaration declarator: (init_declarator)) @constant)
(preproc_if (declaration declarator: (init_declarator)) @constant)
(preproc_include) @import
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call)])
(type_identifier) @type.use
(field_identifier) @member
(identifier) @name
"""

_CPP = """
(class_specifier name: (_) body: (_)) @class
(namespace_definition name: (_)) @module
(alias_declaration) @type
(concept_definition) @type
(field_declaration declarator: (function_declarator)) @method
(field_declaration declarator: (pointer_declarator (function_declarator))) @method
(field_declaration declarator: (reference_declarator (function_declarator))) @method
(declaration_list (declaration declarator: (init_declarator)) @constant)
(template_declaration) @outer
(call_expression function: [(qualified_identifier name: (identifier) @call)
  (template_function name: (identifier) @call)
  (qualified_identifier name: (template_function name: (identifier) @call))
  (field_expression field: (template_method name: (field_identifier) @call))])
(namespace_identifier) @type.use
"""

_CSHARP = """
[(class_declaration) (record_declaration)] @class
(struct_declaration) @struct
(interface_declaration) @interface
(enum_declaration) @enum
(delegate_declaration) @type
(namespace_declaration) @module
[(method_declaration) (constructor_declaration) (local_function_statement)] @method
(field_declaration (modifier "const") (variable_declaration (variable_declarator) @constant))
(field_declaration (modifier "static") (variable_declaration (variable_declarator) @constant))
(using_directive) @import
(invocation_expression function: [(identifier) @call (generic_name (identifier) @call)
  (member_access_expression name: [(identifier) @call (generic_name (identifier) @call)])])
(object_creation_expression type: [(identifier) @call (generic_name (identifier) @call)])
(base_list [(identifier) @type.use (generic_name (identifier) @type.use)])
(_ type: [(identifier) @type.use (generic_name (identifier) @type.use)])
(method_declaration returns: [(identifier) @type.use (generic_name (identifier) @type.use)])
(type_argument_list (identifier) @type.use)
(attribute name: (identifier) @type.use)
(member_access_expression name: (identifier) @member)
(identifier) @name
"""

_RUBY = """
(class) @class
(module) @module
[(method) (singleton_method)] @method
(assignment left: (constant)) @constant
((call !receiver method: (identifier) @_require arguments: (argument_list . (string))) @import
  (#any-of? @_require "require" "require_relative" "load"))
(call method: [(identifier) (constant)] @call)
(superclass [(constant) @type.use (scope_resolution name: (constant) @type.use)])
(constant) @type.use
(identifier) @name
"""

_PHP = """
(class_declaration) @class
(interface_declaration) @interface
(trait_declaration) @trait
(enum_declaration) @enum
(function_definition) @function
(method_declaration) @method
(const_element) @constant
(namespace_definition body: (_)) @module
(namespace_use_declaration) @import
[(require_expression) (require_once_expression) (include_expression)
  (include_once_expression)] @import
(function_call_expression function: [(name) @call (qualified_name (name) @call)])
(member_call_expression name: (name) @call)
(nullsafe_member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(scoped_call_expression scope: [(name) @type.use (qualified_name (name) @type.use)])
(object_creation_expression [(name) @call (qualified_name (name) @call)])
(named_type [(name) @type.use (qualified_name (name) @type.use)])
[(base_clause (name) @type.use) (class_interface_clause (name) @type.use)]
(member_access_expression name: (name) @member)
(name) @name
"""

QUERIES: dict[str, str] = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT + _JSX + _JAVASCRIPT_FIELDS,
    "typescript": _JAVASCRIPT + _TYPESCRIPT,
    "tsx": _JAVASCRIPT + _JSX + _TYPESCRIPT,
    "rust": _RUST,
    "go": _GO,
    "java": _JAVA,
    "c": _C,
    "cpp": _C + _CPP,
    "csharp": _CSHARP,
    "ruby": _RUBY,
    "php": _PHP,
}
"""By the name of the grammar."""
