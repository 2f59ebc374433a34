{% test matches_regex(model, column_name, pattern) %}
    {#- Every value that is not null holds a match of the regular expression (RE2); anchor it with ^ and $. -#}
    select {{ column_name }}
    from {{ model }}
    where not {{ matches_regex(column_name, pattern) }}
{% endtest %}
