{% macro inside_brazil(latitude, longitude) -%}
    {#- Whether a coordinate lies in the box around Brazil, var('brazil'). -#}
    {%- set box = var('brazil') -%}
    ({{ latitude }} between {{ box.latitude_min }} and {{ box.latitude_max }}
    and {{ longitude }} between {{ box.longitude_min }} and {{ box.longitude_max }})
{%- endmacro %}
