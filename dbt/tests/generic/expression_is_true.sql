{% test expression_is_true(model, expression, column_name=none) %}
    {#-
        The SQL expression holds for every row. On a column it is appended to the column's name
        (`expression: "= 1"`). A row for which it is null passes, as it does in a check constraint;
        write `coalesce(..., false)` where null must fail.
    -#}
    select *
    from {{ model }}
    where not ({{ column_name ~ ' ' if column_name else '' }}{{ expression }})
{% endtest %}
