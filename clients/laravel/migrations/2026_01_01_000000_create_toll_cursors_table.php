<?php

declare(strict_types=1);

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration {
    public function getConnection(): ?string
    {
        return config('toll.database');
    }

    public function up(): void
    {
        Schema::connection($this->getConnection())->create('toll_cursors', function (Blueprint $table) {
            $table->string('name', 64)->primary();
            $table->unsignedBigInteger('seq');
        });
    }

    public function down(): void
    {
        Schema::connection($this->getConnection())->drop('toll_cursors');
    }
};
