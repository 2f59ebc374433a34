{% test column_a_greater_than_b(model, column_a, column_b, or_equal=false) %}
    {#- In every row that has both, column_a is greater than column_b, or with `or_equal: true` at least as great. -#}
    select {{ column_a }}, {{ column_b }}
    from {{ model }}
    where not ({{ column_a }} {{ '>=' if or_equal else '>' }} {{ column_b }})
{% endtest %}
