{% macro easter_sunday(year) -%}
    {#-
        Easter Sunday of a year of the Gregorian calendar, as the text 'YYYY-MM-DD'.
        The "anonymous" algorithm: Nature 13 (1876), p. 487; Meeus, Astronomical Algorithms (1991), ch. 8.
        It runs when dbt compiles, so the SQL holds plain dates.
    -#}
    {%- set a = year % 19 -%}
    {%- set b = year // 100 -%}
    {%- set c = year % 100 -%}
    {%- set g = (b - (b + 8) // 25 + 1) // 3 -%}
    {%- set h = (19 * a + b - b // 4 - g + 15) % 30 -%}
    {%- set l = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7 -%}
    {%- set m = (a + 11 * h + 22 * l) // 451 -%}
    {%- set n = h + l - 7 * m + 114 -%}
    {{ '%04d-%02d-%02d' | format(year, n // 31, n % 31 + 1) }}
{%- endmacro %}
