{% test unique_combination_of_columns(model, combination_of_columns) %}
    {#- No two rows share the same values in all the columns named: the key of a table with a key of several parts. -#}
    select {{ combination_of_columns | join(', ') }}
    from {{ model }}
    group by {{ combination_of_columns | join(', ') }}
    having count(*) > 1
{% endtest %}
