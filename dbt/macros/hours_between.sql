{% macro hours_between(earlier, later) -%}
    {#- Hours that passed, with two decimals; dbt.datediff('hour') would count strokes of the clock. -#}
    {{ to_decimal(dbt.datediff(earlier, later, 'second') ~ ' / 3600.0') }}
{%- endmacro %}
