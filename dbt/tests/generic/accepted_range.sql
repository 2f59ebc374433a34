{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
    {#-
        Every value of the column lies between min_value and max_value; either may be left out. With
        `inclusive: false` the limits themselves do not pass. Nulls pass. Limits may be SQL expressions,
        as in "date '2016-01-01'".
    -#}
    {%- set or_equal = '=' if inclusive else '' -%}
    select {{ column_name }}
    from {{ model }}
    where
        false
        {%- if min_value is not none %}
        or not ({{ column_name }} >{{ or_equal }} {{ min_value }})
        {%- endif %}
        {%- if max_value is not none %}
        or not ({{ column_name }} <{{ or_equal }} {{ max_value }})
        {%- endif %}
{% endtest %}
