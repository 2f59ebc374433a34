{% macro date_id(expression) -%}
    {#- Key of dim_date: the day as the integer YYYYMMDD, null where there is no date. -#}
    cast(
        extract(year from {{ expression }}) * 10000
        + extract(month from {{ expression }}) * 100
        + extract(day from {{ expression }})
        as int64
    )
{%- endmacro %}
