{% test null_exactly_when(model, column_name, condition) %}
    {#- The column is null in exactly those rows for which the SQL condition holds; a null condition does not hold. -#}
    select *
    from {{ model }}
    where ({{ column_name }} is null) <> coalesce({{ condition }}, false)
{% endtest %}
